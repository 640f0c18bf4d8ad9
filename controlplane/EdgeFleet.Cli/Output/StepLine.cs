using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.Cli.Output;

/// <summary>Progress of long work on standard error: on a terminal one line that is written over, in a log a line each tenth.</summary>
internal sealed class StepLine : IProgress<PackProgress>, IDisposable
{
    private readonly bool _isLog = Console.IsErrorRedirected;
    private readonly Lock _lock = new();
    private int _tenth = -1;

    /// <inheritdoc/>
    public void Report(PackProgress value)
    {
        lock (_lock)
        {
            if (!_isLog)
            {
                Console.Error.Write($"\r{value.What} {value.Done}/{value.Total}\u001b[K");
                return;
            }

            var tenth = value.Total == 0 ? 0 : 10 * value.Done / value.Total;
            if (tenth <= _tenth)
                return;
            _tenth = tenth;
            Console.Error.WriteLine($"{10 * tenth} % {value.What}");
        }
    }

    /// <summary>Takes the line away, so that results or an error stand alone.</summary>
    public void Dispose()
    {
        if (!_isLog)
            Console.Error.Write("\r\u001b[K");
    }
}
