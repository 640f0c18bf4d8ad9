using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Sources;

public sealed class CsvWindowSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Windows_take_the_named_columns_in_the_models_order()
    {
        using var folder = new TempFolder();
        using var source = Source(folder, "time,y,\"x\"", Enumerable.Range(1, 4).Select(i => $"{i}, {i * 10} ,\"{i}\""));

        var window = await WindowAsync(source, Input(2, "x", "y"));

        Assert.Equal((float[])[1, 10, 2, 20], window.Window.ToArray());
        Assert.Equal("pump.csv rows 1-2", window.Origin);
    }

    [Theory]
    [InlineData(0, "1-4", "5-8")]
    [InlineData(1, "1-4", "2-5")]
    [InlineData(6, "1-4", "7-10")]
    public async Task The_stride_says_where_the_next_window_begins(int stride, string first, string second)
    {
        using var folder = new TempFolder();
        using var source = Source(folder, "x", Enumerable.Range(1, 10).Select(i => $"{i}"), stride);
        var input = Input(4, "x");

        Assert.Equal([$"pump.csv rows {first}", $"pump.csv rows {second}"], [(await WindowAsync(source, input)).Origin, (await WindowAsync(source, input)).Origin]);
    }

    [Fact]
    public async Task Overlapping_windows_hold_the_readings_that_their_origin_names()
    {
        using var folder = new TempFolder();
        using var source = Source(folder, "x", Enumerable.Range(1, 10).Select(i => $"{i}"), stride: 3);
        var input = Input(4, "x");
        await WindowAsync(source, input);

        await ReadsAsync(source, input, 4, 5, 6, 7);
        await ReadsAsync(source, input, 7, 8, 9, 10);
    }

    [Fact]
    public async Task Rows_that_are_not_numbers_are_skipped_and_counted()
    {
        using var folder = new TempFolder();
        using var source = Source(folder, "x,y", ["1,1", "NaN,2", "broken", "", "3,x", "4,4", "5,5"]);

        var sample = new Sample();
        var outcome = await source.ReadAsync(Input(2, "x", "y"), sample, Cancel);

        Assert.Equal((float[])[1, 1, 4, 4], sample.Window.ToArray());
        Assert.Equal(SourceOutcome.Sample(rowsSkipped: 4), outcome);
    }

    [Fact]
    public async Task A_missing_column_names_the_file_the_column_and_what_is_there_and_a_corrected_file_is_read()
    {
        using var folder = new TempFolder();
        using var source = Source(folder, "time,speed", ["1,2", "3,4"]);
        var input = Input(2, "acceleration");

        var stalled = await source.ReadAsync(input, new Sample(), Cancel);
        File.WriteAllLines(folder["pump.csv"], ["time,acceleration", "1,2", "3,4"]);

        Assert.All([folder["pump.csv"], "'acceleration'", "'time', 'speed'"], part => Assert.Contains(part, stalled.Why, StringComparison.Ordinal));
        await ReadsAsync(source, input, 2, 4);
    }

    [Fact]
    public async Task It_begins_again_without_a_window_over_the_seam_or_ends()
    {
        using var folder = new TempFolder();
        using var looping = Source(folder, "x", ["1", "2", "3"]);
        using var once = Source(folder, "x", ["1", "2", "3"], loop: false);
        var input = Input(2, "x");

        await ReadsAsync(looping, input, 1, 2);
        await ReadsAsync(looping, input, 1, 2);
        await WindowAsync(once, input);
        Assert.Equal(SourceOutcome.Ended, await once.ReadAsync(input, new Sample(), Cancel));
    }

    [Fact]
    public async Task A_file_too_short_for_a_window_or_absent_stalls_and_does_not_spin()
    {
        using var folder = new TempFolder();
        using var source = Source(folder, "x", ["1", "2", "3"]);

        Assert.Contains("3 rows", await StallAsync(source, Input(4, "x")), StringComparison.Ordinal);
        File.Delete(folder["pump.csv"]);
        Assert.Contains("pump.csv", await StallAsync(source, Input(2, "x")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_model_gets_windows_of_its_own_length()
    {
        using var folder = new TempFolder();
        using var source = Source(folder, "x", Enumerable.Range(1, 9).Select(i => $"{i}"));
        await WindowAsync(source, Input(2, "x"));

        await ReadsAsync(source, Input(3, "x"), 1, 2, 3);
        Assert.Contains("takes 2", await StallAsync(
            new CsvWindowSource(new CsvOptions { File = folder["pump.csv"], Columns = ["x"] }), Input(2, "x", "y")), StringComparison.Ordinal);
    }

    private static CsvWindowSource Source(TempFolder folder, string header, IEnumerable<string> rows, int stride = 0, bool loop = true)
    {
        File.WriteAllLines(folder["pump.csv"], rows.Prepend(header));
        return new CsvWindowSource(new CsvOptions { File = folder["pump.csv"], Stride = stride, Loop = loop });
    }

    private static InputSpec Input(int length, params string[] columns) => TestPackageSpec.Series(length: length, columns: columns).Input;

    private static async Task<Sample> WindowAsync(CsvWindowSource source, InputSpec input)
    {
        var sample = new Sample();
        Assert.Equal(SourceOutcomeKind.Sample, (await source.ReadAsync(input, sample, Cancel)).Kind);
        Assert.Equal(SampleKind.Window, sample.Kind);
        return sample;
    }

    private static async Task<string> StallAsync(CsvWindowSource source, InputSpec input)
    {
        var outcome = await source.ReadAsync(input, new Sample(), Cancel);
        Assert.Equal(SourceOutcomeKind.Stalled, outcome.Kind);
        return outcome.Why;
    }

    private static async Task ReadsAsync(CsvWindowSource source, InputSpec input, params float[] expected)
    {
        var window = await WindowAsync(source, input);
        Assert.Equal(expected, window.Window.ToArray());
    }
}
