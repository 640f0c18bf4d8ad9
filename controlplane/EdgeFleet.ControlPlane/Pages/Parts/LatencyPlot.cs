using System.Globalization;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Pages.Parts;

/// <summary>Minute rows as places in a drawing: from 0 up, with gaps where nothing was measured, and a line where another version began.</summary>
internal sealed class LatencyPlot
{
    public const int Width = 640;
    public const int Height = 220;
    public const int Bottom = 180;
    public const int TimeTextY = 206;
    public const int Left = 60;
    private const int Top = 40;
    private const int LabelWidth = 130;
    private const int PointsMax = 400;

    private readonly List<Point> _points;
    private readonly long _from;
    private readonly long _to;
    private readonly double _topMs;

    private LatencyPlot(List<Point> points, IReadOnlyList<MinuteRow> rows)
    {
        _points = points;
        (_from, _to) = (points[0].At, Math.Max(points[^1].At, points[0].At + 1));
        _topMs = NiceTop(points.Max(p => p.P95Us) / 1e3);
        Sentence = Say(rows);
        (Lines50, _) = Lines(p => p.P50Us);
        (Lines95, Lone95) = Lines(p => p.P95Us);
        Cuts = [.. CutsOf(points)];
        Grid = [.. new[] { 0.0, 0.5, 1.0 }.Select(share => Line(share * _topMs))];
    }

    public string Sentence { get; }

    public IReadOnlyList<string> Lines50 { get; }

    public IReadOnlyList<string> Lines95 { get; }

    /// <summary>Minutes with nothing beside them, which no line shows.</summary>
    public IReadOnlyList<(string X, string Y)> Lone95 { get; }

    /// <summary>Where a version began, and its name in one of two lines; no name where both are taken.</summary>
    public IReadOnlyList<(string X, string Label, string Anchor, string TextY)> Cuts { get; }

    public IReadOnlyList<(string Y, string TextY, string Label)> Grid { get; }

    public string From => Words.Moment(DateTimeOffset.FromUnixTimeMilliseconds(_from));

    public string To => Words.Moment(DateTimeOffset.FromUnixTimeMilliseconds(_to));

    /// <summary>Null when no minute had an answer.</summary>
    public static LatencyPlot? Of(IReadOnlyList<MinuteRow> rows)
    {
        var ran = rows.Where(r => r.Answered > 0 && r.P95Us > 0).ToList();
        return ran.Count == 0 ? null : new LatencyPlot(Join(ran), ran);
    }

    // Joined minutes show their worst.
    private static List<Point> Join(List<MinuteRow> rows)
    {
        var size = Math.Max(1, (rows.Count + PointsMax - 1) / PointsMax);
        var points = new List<Point>();
        string? model = null;
        foreach (var chunk in rows.Chunk(size))
        {
            var began = chunk.FirstOrDefault(r => r.Model != model && r.Model.Length > 0)?.Model;
            var first = model is null;
            model = chunk[^1].Model;
            var gapMs = 3000L * chunk.Max(r => r.Seconds) + (chunk[^1].At - chunk[0].At);
            points.Add(new Point(chunk[0].At, chunk.Max(r => r.P50Us), chunk.Max(r => r.P95Us), first ? null : began, gapMs));
        }

        return points;
    }

    private static string Say(IReadOnlyList<MinuteRow> rows)
    {
        var (newest, slowest) = (rows[^1], rows.MaxBy(r => r.P95Us)!);
        return $"Newest minute: median {Words.Milliseconds(newest.P50Us)}, 95th percentile {Words.Milliseconds(newest.P95Us)}, by {newest.Model}. "
            + $"Slowest minute: {Words.Milliseconds(slowest.P95Us)}, {Words.Moment(DateTimeOffset.FromUnixTimeMilliseconds(slowest.At))}.";
    }

    private static double NiceTop(double ms)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(ms, 0.01))));
        return new[] { 1, 2, 4, 6, 8, 10 }.Select(m => m * unit).First(t => t >= ms);
    }

    private (IReadOnlyList<string> Lines, IReadOnlyList<(string X, string Y)> Lone) Lines(Func<Point, long> value)
    {
        var (lines, lone, run) = (new List<string>(), new List<(string X, string Y)>(), new List<Point>());
        foreach (var point in _points)
        {
            if (run.Count > 0 && point.At - run[^1].At > run[^1].GapMs)
                Flush();
            run.Add(point);
        }

        Flush();
        return (lines, lone);

        void Flush()
        {
            if (run.Count == 1)
                lone.Add((X(run[0].At), Y(value(run[0]) / 1e3)));
            else
                lines.Add(string.Join(' ', run.Select(p => $"{X(p.At)},{Y(value(p) / 1e3)}")));
            run.Clear();
        }
    }

    private IEnumerable<(string X, string Label, string Anchor, string TextY)> CutsOf(List<Point> points)
    {
        double[] takenTo = [double.NegativeInfinity, double.NegativeInfinity];
        foreach (var point in points.Where(p => p.Began is not null))
        {
            var x = Place(point.At);
            var before = x > Width - LabelWidth;
            var (from, to) = before ? (x - LabelWidth, x) : (x, x + LabelWidth);
            var line = Array.FindIndex(takenTo, t => t <= from);
            if (line >= 0)
                takenTo[line] = to;
            yield return (Number(x), line < 0 ? "" : point.Began!, before ? "end" : "start", Number(14 + (16 * Math.Max(line, 0))));
        }
    }

    private (string Y, string TextY, string Label) Line(double ms) =>
        (Y(ms), Number(Bottom - ((Bottom - Top) * ms / _topMs) + 4), string.Create(CultureInfo.InvariantCulture, $"{ms:0.##}{(ms > 0 ? " ms" : "")}"));

    private double Place(long at) => Left + ((Width - Left - 4.0) * (at - _from) / (_to - _from));

    private string X(long at) => Number(Place(at));

    private string Y(double ms) => Number(Bottom - ((Bottom - Top) * ms / _topMs));

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private sealed record Point(long At, long P50Us, long P95Us, string? Began, long GapMs);
}
