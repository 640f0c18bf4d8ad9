using System.Text;
using EdgeFleet.Agent.Sources.Live;

namespace EdgeFleet.Agent.Tests.Sources.Live;

public sealed class ReadingTests
{
    private const int LineBytesMax = 200;

    [Theory]
    [InlineData("1,2\n3,4\n", 0)]
    [InlineData(" 1 , \"2\" \r\n\r\n+3,4e0\n", 0)]
    [InlineData("y,x\n2,1\n4,3\n", 0)]
    [InlineData("time,y,x,note\nnoon,2,1,a\nnoon,4,3,b\n", 0)]
    [InlineData("1,2\n1\nNaN,1\nx,1\n1,2x\n,\n3,4\n", 5)]
    public async Task Lines_of_CSV_become_windows_in_the_models_order(string text, int skipped)
    {
        var bench = new LiveBench(length: 2, columns: ["x", "y"]);

        Cutter(bench, ReadingFormat.Csv).Feed(Encoding.UTF8.GetBytes(text));

        var frame = await bench.FrameAsync();
        Assert.Equal((float[])[1, 2, 3, 4], frame.Values.ToArray());
        Assert.Equal((skipped, skipped), (frame.RowsSkipped, bench.Counters.RowsSkipped));
    }

    [Theory]
    [InlineData("""{"x":1,"y":2}|{"y":4,"x":3,"at":"noon","more":{"x":[9]}}""", 0)]
    [InlineData("""[1,2]|[3,4,"extra"]""", 0)]
    [InlineData("""[[1,2],[3,4]]""", 0)]
    [InlineData("""[{"x":1,"y":2},{"x":3,"y":4}]""", 0)]
    [InlineData("""{"x":[1,3],"y":[2,4]}""", 0)]
    [InlineData("""{"x":1,"y":2}|{"x":1}|{"x":"1","y":2}|{"x":null,"y":2}|[1]|17|{bad|{"x":[1,2],"y":[1]}|{"x":1,"y":1e999}|[]|{"x":3,"y":4}""", 8)]
    public async Task JSON_becomes_windows_in_the_models_order(string lines, int skipped)
    {
        var bench = new LiveBench(length: 2, columns: ["x", "y"]);

        Cutter(bench, ReadingFormat.Json).Feed(Encoding.UTF8.GetBytes(lines.Replace('|', '\n') + "\n"));

        var frame = await bench.FrameAsync();
        Assert.Equal((float[])[1, 2, 3, 4], frame.Values.ToArray());
        Assert.Equal(skipped, frame.RowsSkipped);
    }

    [Fact]
    public async Task A_dot_in_a_column_reaches_into_objects()
    {
        var bench = new LiveBench(length: 1, columns: ["values.a", "values.deep.b", "other.a", "a"]);

        Cutter(bench, ReadingFormat.Json).Feed("""{"a":4,"values":{"a":1,"deep":{"b":2,"a":8}},"other":{"a":3,"deep":{"b":9}}}"""u8);
        Cutter(bench, ReadingFormat.Json).Feed("""{"a":4,"values":{"a":1,"deep":{"b":2,"a":8}},"other":{"a":3,"deep":{"b":9}}}"""u8);
        Assert.Equal(0, bench.Gatherer.Rows);
        Cutter(bench, ReadingFormat.Json).Feed([.. """{"a":4,"values":{"a":1,"deep":{"b":2,"a":8}},"other":{"a":3,"deep":{"b":9}}}"""u8, (byte)'\n']);

        Assert.Equal((float[])[1, 2, 3, 4], await bench.ValuesAsync());
    }

    [Fact]
    public async Task An_array_of_one_column_is_a_burst_of_readings()
    {
        var bench = new LiveBench(length: 4, columns: ["acceleration"]);

        Cutter(bench, ReadingFormat.Json).Feed("[1,2,3,4]\n"u8);

        Assert.Equal((float[])[1, 2, 3, 4], await bench.ValuesAsync());
    }

    [Fact]
    public async Task The_columns_of_a_line_are_named_by_the_configuration()
    {
        var bench = new LiveBench(length: 1, lineColumns: ["time", "y", "x"], columns: ["x", "y"]);

        Cutter(bench, ReadingFormat.Csv).Feed("9,2,1\n"u8);
        Assert.Equal((float[])[1, 2], await bench.ValuesAsync());
        Cutter(bench, ReadingFormat.Json).Feed("[9,4,3]\n"u8);

        Assert.Equal((float[])[3, 4], await bench.ValuesAsync());
    }

    [Fact]
    public async Task Windows_overlap_or_leave_gaps_as_the_stride_says()
    {
        var (overlapping, apart) = (new LiveBench(length: 3, stride: 1, columns: ["x"]), new LiveBench(length: 2, stride: 3, columns: ["x"]));

        Cutter(overlapping, ReadingFormat.Csv).Feed("1\n2\n3\n4\n"u8);
        Cutter(apart, ReadingFormat.Csv).Feed("1\n2\n3\n4\n5\n"u8);

        Assert.Equal((float[])[2, 3, 4], await overlapping.ValuesAsync());
        Assert.Equal((float[])[4, 5], await apart.ValuesAsync());
    }

    [Fact]
    public async Task A_line_is_put_together_from_pieces_and_one_without_end_is_passed_in_bounded_memory()
    {
        var bench = new LiveBench(length: 2, columns: ["x"]);
        var cutter = Cutter(bench, ReadingFormat.Csv);

        foreach (var piece in "12\n3"u8.ToArray().Chunk(1))
            cutter.Feed(piece);
        cutter.Feed(new byte[1000]);
        cutter.Feed("5\n"u8);
        Assert.Equal((1, 1), (bench.Gatherer.Rows, bench.Counters.RowsSkipped));
        cutter.Feed("34\n"u8);

        Assert.Equal((float[])[12, 34], await bench.ValuesAsync());
    }

    [Fact]
    public void What_cannot_be_used_is_quoted()
    {
        var bench = new LiveBench(length: 2, columns: ["x"]);
        var cutter = Cutter(bench, ReadingFormat.Csv);

        cutter.Feed("sensor not ready\n"u8);
        Assert.Equal("It sent 1 lines without a usable reading; the last begins 'sensor not ready'.", cutter.Complaint());
        cutter.Feed("1\n"u8);

        Assert.Equal("", cutter.Complaint());
    }

    [Fact]
    public async Task Another_model_gets_windows_of_its_own_and_a_new_beginning_none_over_the_seam()
    {
        var bench = new LiveBench(length: 2, columns: ["x"]);
        var cutter = Cutter(bench, ReadingFormat.Csv);
        cutter.Feed("1\n"u8);
        cutter.Restart();
        cutter.Feed("2\n3\n"u8);
        Assert.Equal((float[])[2, 3], await bench.ValuesAsync());

        cutter.Feed("4\n"u8);
        bench.Gatherer.Want(EdgeFleet.Testing.Packages.TestPackageSpec.Series(length: 3, columns: ["x"]).Input);
        cutter.Feed("5\n6\n7\n"u8);

        Assert.Equal((float[])[5, 6, 7], await bench.ValuesAsync());
    }

    [Theory]
    [InlineData("1.5,2.5\n", false)]
    [InlineData("{\"x\":1.5,\"y\":[2.5]}\n", true)]
    public void A_running_stream_of_readings_allocates_nothing(string line, bool isJson)
    {
        var bench = new LiveBench(length: 4, columns: ["x", "y"]);
        var cutter = Cutter(bench, isJson ? ReadingFormat.Json : ReadingFormat.Csv);
        var bytes = Encoding.UTF8.GetBytes(line);
        for (var i = 0; i < 100; i++)
            cutter.Feed(bytes);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
            cutter.Feed(bytes);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static LineCutter Cutter(LiveBench bench, ReadingFormat format) => new(bench.Gatherer, ReadingParser.For(format, bench.Gatherer), LineBytesMax);
}
