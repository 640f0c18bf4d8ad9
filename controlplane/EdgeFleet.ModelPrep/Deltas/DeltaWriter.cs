using EdgeFleet.Shared.Deltas;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ModelPrep.Deltas;

/// <summary>Gathers the steps of a delta and writes it.</summary>
internal sealed class DeltaWriter
{
    // Brotli's best takes a second or two for a megabyte.
    private const int BestQualityBytesMax = 16 * 1024 * 1024;

    private readonly List<byte> _steps = [];
    private readonly List<byte> _masks = [];
    private readonly List<byte> _differences = [];
    private readonly List<byte> _fresh = [];
    private DeltaStep _last;
    private long _baseEnd;

    /// <summary>Adds a step; one that goes on where the one before ended becomes part of it.</summary>
    public void Add(PackedStep packed)
    {
        _masks.AddRange(packed.Mask);
        (packed.Step.Kind == DeltaStepKind.Fresh ? _fresh : _differences).AddRange(packed.Values);
        if (GoesOn(packed.Step))
        {
            _last = _last with { Bytes = _last.Bytes + packed.Step.Bytes };
            return;
        }

        Flush();
        _last = packed.Step;
    }

    /// <summary>The delta.</summary>
    public byte[] Write(byte[] before, byte[] after)
    {
        Flush();
        byte[][] plain = [[.. _steps], [.. _masks], [.. _differences], [.. _fresh]];
        var packed = plain.Select(p => PackedStep.Packed(p, p.Length <= BestQualityBytesMax ? 11 : 9)).ToArray();
        var header = new DeltaHeader
        {
            Base = Sha256Digest.Of(before),
            BaseBytes = before.Length,
            Target = Sha256Digest.Of(after),
            TargetBytes = after.Length,
            Sections = [.. packed.Zip(plain, (p, whole) => new DeltaSectionSize(p.Length, whole.Length))],
        };
        return [.. header.Write(), .. packed.SelectMany(p => p)];
    }

    // Planes of pieces that are no whole ones cannot be joined, except where every byte is a number of its own.
    private bool GoesOn(DeltaStep step) => _last.Bytes > 0 && step.Width == 1 && !step.IsMasked && !_last.IsMasked && _last.Width == 1 && step.Kind == _last.Kind
        && (step.Kind == DeltaStepKind.Fresh || step.BaseAt == _last.BaseEnd);

    private void Flush()
    {
        if (_last.Bytes == 0)
            return;

        _last.Write(_steps, _baseEnd);
        _baseEnd = _last.Kind == DeltaStepKind.Fresh ? _baseEnd : _last.BaseEnd;
    }
}
