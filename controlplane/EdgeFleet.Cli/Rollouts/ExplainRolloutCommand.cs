using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Rollouts;

/// <summary><c>edgefleet rollout explain ID</c>: every decision with what it saw, taken again by the rules of now. Exit code 1 when one comes out otherwise.</summary>
internal static class ExplainRolloutCommand
{
    public static Command Create()
    {
        var id = new Argument<long>("id") { Description = "Number of the rollout." };
        var command = new Command("explain", "Take every stored decision of a rollout again, from what it was taken from.") { id };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var explanation = await client.ExplainRolloutAsync(parsed.GetValue(id), cancel);
            Printer.One(OutputOptions.Of(parsed), explanation, ApiJson.Default.RolloutExplanation, $"{explanation.Rollout.Id}", () => Print(explanation));
            return explanation.Decisions.Any(d => d.Same == false) ? ExitCode.Failed : ExitCode.Ok;
        }));
        return command;
    }

    private static void Print(RolloutExplanation e)
    {
        Console.Out.WriteLine(RolloutText.Headline(e.Rollout));
        Console.Out.WriteLine();
        foreach (var line in e.Plan)
            Console.Out.WriteLine(line);
        foreach (var decision in e.Decisions)
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine($"{Printer.Time(decision.At)}{(decision.Until > decision.At ? $" to {Printer.Time(decision.Until)}" : "")}  {decision.Verb}, wave {decision.Wave}, by {decision.By}");
            foreach (var sentence in new[] { decision.Verdict.Why, decision.Verdict.Next, decision.Verdict.When, decision.Verdict.CanDo }.Where(s => s.Length > 0))
                Console.Out.WriteLine($"  {sentence}");
            foreach (var seen in decision.Seen)
                Console.Out.WriteLine($"    {seen}");
            if (decision.Same is { } same)
                Console.Out.WriteLine(same ? "  Taken again: the same." : $"  Taken again: otherwise. {decision.Now}");
        }

        var replayed = e.Decisions.Count(d => d.Same is not null);
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{e.Decisions.Count(d => d.Same == true)} of {replayed} decisions of the rules come out the same.");
    }
}
