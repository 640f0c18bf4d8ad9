using System.Globalization;
using System.Reflection;
using System.Text;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>
/// The time by which certificates are judged: the latest of the board's clock, the last time that a control plane told over a checked connection
/// (kept in <c>last-time</c>), and the day of the release. Boards without a clock of their own start in 1970.
/// </summary>
internal sealed class TrustedTime
{
    /// <summary>How far the clock may be behind before it is taken to be wrong: other clocks go wrong by minutes too.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan WriteEvery = TimeSpan.FromHours(1);
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private DateTimeOffset _known;
    private long _knownAt;
    private DateTimeOffset _written;

    /// <summary>Reads what is kept.</summary>
    public TrustedTime(string stateFolder, TimeProvider time, DateTimeOffset? released = null)
    {
        (_path, _time) = (Path.Combine(stateFolder, "last-time"), time);
        var kept = Read(_path);
        var release = released ?? Released;
        (_written, _known, _knownAt) = (kept, kept > release ? kept : release, time.GetTimestamp());
    }

    /// <summary>Day of this release.</summary>
    public static DateTimeOffset Released { get; } = DateTimeOffset.Parse(
        typeof(TrustedTime).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(m => m.Key == "ReleaseDate").Value!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>When it is.</summary>
    public JudgedTime Now
    {
        get
        {
            var clock = _time.GetUtcNow();
            var least = Least;
            return least - clock > Tolerance ? new JudgedTime(least, IsLowerBound: true) : new JudgedTime(clock > least ? clock : least);
        }
    }

    private DateTimeOffset Least
    {
        get
        {
            lock (_lock)
                return _known + _time.GetElapsedTime(_knownAt);
        }
    }

    /// <summary>
    /// Takes note of the time that a control plane told. It counts up to the end of the certificate by which that one showed itself, so that a
    /// clock over there that is years ahead cannot make this board refuse everybody for years.
    /// </summary>
    public void Learn(DateTimeOffset told, DateTimeOffset peerEnds)
    {
        var learned = told < peerEnds ? told : peerEnds;
        if (learned <= Least)
            return;

        lock (_lock)
            (_known, _knownAt) = (learned, _time.GetTimestamp());
        if (learned - _written < WriteEvery)
            return;

        try
        {
            DurableFile.Replace(_path, Encoding.ASCII.GetBytes(learned.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
            _written = learned;
        }
        catch (IOException)
        {
            // It is told again; a full disk must not end the connection.
        }
    }

    private static DateTimeOffset Read(string path)
    {
        try
        {
            return File.Exists(path) && long.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < 253_402_300_799_999
                ? DateTimeOffset.FromUnixTimeMilliseconds(at)
                : DateTimeOffset.UnixEpoch;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DateTimeOffset.UnixEpoch;
        }
    }
}
