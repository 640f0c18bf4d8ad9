using EdgeFleet.Agent.Board;

namespace EdgeFleet.Agent.Tests.Board;

public sealed class LogLineTests
{
    [Theory]
    [InlineData("""{"@t":"2026-01-02T03:04:05Z","@mt":"Connected as {Device}, session {Session}","Device":"b-1","Session":7,"SourceContext":"EdgeFleet.Agent.Connectivity.LinkWorker"}""", "info  LinkWorker: Connected as b-1, session 7")]
    [InlineData("""{"@t":"2026-01-02T03:04:05Z","@mt":"Next in {Seconds:0.0} s of {All}","@r":["1.5"],"@l":"Debug","Seconds":1.49,"All":3}""", "debug Next in 1.5 s of 3")]
    [InlineData("""{"@t":"2026-01-02T03:04:05Z","@mt":"Broke {{so}} {Absent}","@l":"Error","@x":"A\nB"}""", "error Broke {so} {Absent}\n  A\n  B")]
    public void A_line_is_rendered_as_it_was_meant(string line, string expected) => Assert.EndsWith(expected, LogLine.Render(line), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("plain text")]
    [InlineData("""{"@t":"never","@mt":"x"}""")]
    [InlineData("[1]")]
    public void What_is_no_line_of_the_log_is_shown_as_it_is(string line) => Assert.Equal(line, LogLine.Render(line));
}
