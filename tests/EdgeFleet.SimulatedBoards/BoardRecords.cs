using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.SimulatedBoards;

/// <summary>The records of one life of a board as its outbox would hold them, and beside them every single answer, to hold the records to.</summary>
internal sealed class BoardRecords : IRecordSink, ISampleObserver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SlotName, Seen> _seen = [];
    private readonly List<MinuteRow> _rows = [];
    private readonly List<UpdateChange> _changes = [];

    /// <summary>Raised after every record.</summary>
    public event Action? Added;

    /// <summary>Called with each answer before it is counted; one that does not return hangs the slot.</summary>
    public Action<SlotName, string>? Answering { get; set; }

    /// <summary>Told of a state that has just been written.</summary>
    public Action<string>? Entering { get; set; }

    /// <summary>Minute rows, oldest first.</summary>
    public IReadOnlyList<MinuteRow> Rows
    {
        get
        {
            lock (_gate)
                return [.. _rows];
        }
    }

    /// <summary>Events of updates, oldest first.</summary>
    public IReadOnlyList<UpdateChange> Changes
    {
        get
        {
            lock (_gate)
                return [.. _changes];
        }
    }

    /// <summary>Answers of a slot by a model.</summary>
    public long AnswersOf(SlotName slot, string model)
    {
        lock (_gate)
            return _seen.GetValueOrDefault(slot)?.ByModel.GetValueOrDefault(model) ?? 0;
    }

    /// <summary>Samples of a slot that came out of a model, and how many of them no row has.</summary>
    public (long Done, long InNoRow, long SinceLastRow) TallyOf(SlotName slot)
    {
        lock (_gate)
        {
            if (_seen.GetValueOrDefault(slot) is not { } seen)
                return default;

            var inRows = _rows.Where(r => r.Slot == slot).Sum(r => r.Answered + r.Failed);
            return (seen.Done, seen.Done - inRows, seen.Done - seen.DoneAtLastRow);
        }
    }

    public void Observe(in SampleResult result)
    {
        var (slot, model, failed) = (result.Slot, result.Model.Package.Label, result.Error is not null);
        Answering?.Invoke(slot, model);
        lock (_gate)
        {
            var seen = SeenOf(slot);
            seen.Done++;
            if (!failed)
                seen.ByModel[model] = seen.ByModel.GetValueOrDefault(model) + 1;
        }
    }

    public void Add(MinuteRow row)
    {
        lock (_gate)
        {
            _rows.Add(row);
            SeenOf(row.Slot).DoneAtLastRow = SeenOf(row.Slot).Done;
        }

        Added?.Invoke();
    }

    public void Add(HourlyProfile profile)
    {
    }

    public void Add(DeviceEvent happened, ReadOnlyMemory<byte> photo = default)
    {
        lock (_gate)
            _changes.Add(happened.Update!);
        Entering?.Invoke(happened.Update!.To);
        Added?.Invoke();
    }

    private Seen SeenOf(SlotName slot)
    {
        if (!_seen.TryGetValue(slot, out var seen))
            _seen[slot] = seen = new Seen();
        return seen;
    }

    private sealed class Seen
    {
        public long Done { get; set; }

        public long DoneAtLastRow { get; set; }

        public Dictionary<string, long> ByModel { get; } = [];
    }
}
