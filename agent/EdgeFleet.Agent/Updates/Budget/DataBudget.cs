using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Agent.Power;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.Agent.Updates.Budget;

/// <summary>What the budget of a day looks at.</summary>
/// <param name="Root">The board: its routes.</param>
/// <param name="StateFolder">The agent's state folder; the count is kept in <c>updates/.data.json</c>.</param>
/// <param name="Now">The time by which a day begins; it must not go back at each start on boards without a clock.</param>
/// <param name="Time">Clock of waits, and the time zone of the board.</param>
internal sealed record DataBudgetSurroundings(BoardRoot Root, string StateFolder, Func<DateTimeOffset> Now, TimeProvider Time)
{
    /// <summary>The disk.</summary>
    public FileCalls Disk { get; init; } = FileCalls.Real;
}

/// <summary>
/// Counts what updates fetch, by day and kind of link, and says when the day's budget is used up. The count outlives restarts: some bytes are noted on disk before they are
/// fetched, so a power cut costs at most those and a write is due only once in so many bytes. Any thread.
/// </summary>
internal sealed class DataBudget
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly UpdateOptions _options;
    private readonly DataBudgetSurroundings _around;
    private readonly string _path;
    private readonly bool _isBounded;
    private DataDay _day;
    private DataDay _noted;
    private (string? Link, long At) _seen;

    /// <summary>Reads what is kept. A file that cannot be read counts as a day on which nothing was fetched: an update must not hang on a rotten count.</summary>
    public DataBudget(UpdateOptions options, DataBudgetSurroundings around)
    {
        (_options, _around, _path) = (options, around, Path.Combine(around.StateFolder, "updates", ".data.json"));
        _isBounded = options.DayBudgetMb > 0 || options.DayBudgetMeteredMb > 0;
        _day = _noted = _isBounded ? Read() : new DataDay();
    }

    /// <summary>No budget: nothing is counted and nothing waits.</summary>
    public static DataBudget Unbounded { get; } = new(new UpdateOptions(), new DataBudgetSurroundings(new BoardRoot("/"), "/", () => TimeProvider.System.GetUtcNow(), TimeProvider.System));

    /// <summary>Bytes that may be fetched now; 0 when the day's are used up.</summary>
    public long Left()
    {
        lock (_gate)
            return _isBounded ? DataBudgetPolicy.Left(Today(), IsMetered(), _options) : long.MaxValue;
    }

    /// <summary>Why downloads wait, and when they go on.</summary>
    public string Why()
    {
        lock (_gate)
            return DataBudgetPolicy.Why(Link(), IsMetered(), _options, LocalDay());
    }

    /// <summary>Bytes of a whole day for the link of now; null without a budget.</summary>
    public long? DayBytes()
    {
        lock (_gate)
            return _isBounded ? DataBudgetPolicy.BytesMax(_options, IsMetered()) : null;
    }

    /// <summary>Counts bytes that came.</summary>
    /// <returns>False when the day's bytes are used up with them.</returns>
    /// <exception cref="IOException">They could not be noted on disk, so nothing more may be fetched on their account.</exception>
    public bool Spend(long bytes)
    {
        if (!_isBounded)
            return true;

        lock (_gate)
        {
            var metered = IsMetered();
            _day = Today().Plus(bytes, metered);
            if (DataBudgetPolicy.BytesMax(_options, metered) is not { } most)
                return true;

            if (_noted.Day != _day.Day || _day.Used(metered) > _noted.Used(metered))
                Note(_day.Plus(Math.Max(0, Math.Min(DataBudgetPolicy.Ahead(most), most - _day.Used(metered))), metered));
            return _day.Used(metered) < most;
        }
    }

    /// <summary>Notes what was really fetched, at the end of a download. What cannot be noted stays as it was noted ahead.</summary>
    public void Settle()
    {
        lock (_gate)
        {
            if (!_isBounded || _noted == _day)
                return;
            try
            {
                Note(_day);
            }
            catch (IOException)
            {
                // A few bytes too many are on the books until the next one.
            }
        }
    }

    /// <summary>Completes once there is something left: a new day began, or another link leads out.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        while (Left() == 0)
        {
            var local = LocalNow();
            var midnight = local.Date.AddDays(1) - local.DateTime;
            await Task.Delay(midnight < WaitMax ? midnight + TimeSpan.FromSeconds(1) : WaitMax, _around.Time, cancel);
        }
    }

    private DataDay Today() => _day = DataBudgetPolicy.On(_day, LocalDay());

    private DateOnly LocalDay() => DateOnly.FromDateTime(LocalNow().Date);

    private DateTimeOffset LocalNow() => TimeZoneInfo.ConvertTime(_around.Now(), _around.Time.LocalTimeZone);

    private bool IsMetered() => DataBudgetPolicy.IsMetered(Link(), _options);

    // Asked for every piece that comes; routes change seldom.
    private string? Link()
    {
        if (_seen.At == 0 || _around.Time.GetElapsedTime(_seen.At) >= LookEvery)
            _seen = (DefaultRoute.LinkOf(_around.Root), Math.Max(1, _around.Time.GetTimestamp()));
        return _seen.Link;
    }

    private void Note(DataDay day)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        DurableFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(day, DataJson.Default.DataDay), disk: _around.Disk);
        _noted = day;
    }

    private DataDay Read()
    {
        try
        {
            return File.Exists(_path) && JsonSerializer.Deserialize(_around.Disk.Read(_path), DataJson.Default.DataDay) is { V: DataDay.KnownVersion, Bytes: >= 0, MeteredBytes: >= 0 } day ? day : new DataDay();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return new DataDay();
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DataDay))]
internal sealed partial class DataJson : JsonSerializerContext;
