using System.Globalization;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>The four sentences of every decision: why, what happens next without anybody, when at the latest, and what a person can do.</summary>
internal static class RolloutSentences
{
    private const string NothingNeeded = "You need to do nothing.";

    public static Verdict Planned(long id, int devices, int waves, int leftOut) => new(
        $"Planned for {Devices(devices)} in {waves} {(waves == 1 ? "wave" : "waves")}{(leftOut == 0 ? "" : $"; {Devices(leftOut)} left out")}. Nobody has been told.",
        "Wave 1 starts.", "At once.", $"`edgefleet rollout abort {id}` closes the plan.");

    public static Verdict Wait(RolloutFacts facts, GateSettings gate, int needed, DateTimeOffset latest) => new(
        $"Wave {Of(facts)} runs. {Counts(facts.Current)}, {needed} needed.",
        $"Looks again when devices report; passes {Spoken(gate.SoakMinutes)} after the last report.",
        $"At the latest {Moment(latest, facts.Now)}.",
        $"{NothingNeeded} `edgefleet rollout pause {facts.Rollout}` tells nobody new.");

    public static Verdict Soak(RolloutFacts facts, GateSettings gate, DateTimeOffset until) => new(
        $"Wave {Of(facts)} meets its gate: {Counts(facts.Current)}. It soaks for {Spoken(gate.SoakMinutes)}{(facts.Current.MetSince is null ? " after the last report" : "")}.",
        facts.Current.Number < facts.Waves ? $"Wave {facts.Current.Number + 1} starts, if nothing new speaks against it." : "The rollout is done, if nothing new speaks against it.",
        $"At {Moment(until, facts.Now)}.",
        $"{NothingNeeded} `edgefleet rollout pause {facts.Rollout}` tells nobody new.");

    public static Verdict Look(RolloutFacts facts, DateTimeOffset at) => new(
        $"Wave {Of(facts)} meets its gate and has soaked: {Counts(facts.Current)}.",
        "The running models are looked at, beside devices on the earlier one.", $"At {Moment(at, facts.Now)}.", NothingNeeded);

    public static Verdict LookAgain(RolloutFacts facts, string why, DateTimeOffset next) => new(
        $"Wave {Of(facts)} meets its gate: {Counts(facts.Current)}. {why}",
        "The running models are looked at again; nobody new is told until then.", $"At {Moment(next, facts.Now)}.",
        $"{NothingNeeded} `edgefleet rollout explain {facts.Rollout}` shows every measure.");

    public static Verdict Open(RolloutFacts facts, string why, DateTimeOffset? next) => new(
        $"Holding in wave {Of(facts)}. {why}",
        next is null ? "Nobody new is told: all looks are taken." : "Nobody new is told. Goes on by itself when the evidence comes.",
        next is { } at ? $"Looks again at {Moment(at, facts.Now)}." : "When a person decides.",
        $"`edgefleet rollout explain {facts.Rollout}` shows every measure. `edgefleet rollout abort {facts.Rollout}` sends devices back; starting the version again with --without-evidence goes on with it.");

    public static Verdict Advance(RolloutFacts facts) => new(
        $"Wave {Of(facts)} passed: {Counts(facts.Current)}.{Compared(facts)}",
        $"Wave {facts.Current.Number + 1} starts.", "At once.", NothingNeeded);

    public static Verdict Done(RolloutFacts facts)
    {
        var behind = facts.Told.Sum(w => w.Size - w.Committed - w.Failed);
        return new(
            $"Done: {facts.Told.Sum(w => w.Committed)} of {Devices(facts.Told.Sum(w => w.Size))} committed {facts.Package}.{Compared(facts)}",
            behind == 0 ? "Nothing; all devices have decided." : $"{Devices(behind)} still to decide: the wish stands, and each takes it when it can.",
            behind == 0 ? "Finished." : "When they return.",
            NothingNeeded);
    }

    public static Verdict Hold(RolloutFacts facts, string why) => new(
        $"Holding in wave {Of(facts)}. {why}",
        "Nobody new is told. Goes on by itself when enough devices commit; a failure still halts it.",
        "Whenever a device reports.",
        $"Look at the devices named under wave {facts.Current.Number}. `edgefleet rollout abort {facts.Rollout}` sends those that took it back.");

    public static Verdict Halt(RolloutFacts facts, string why)
    {
        var (back, away) = (facts.Told.Sum(w => w.Holding), facts.Told.Sum(w => w.Offline + w.Waiting + w.Silent));
        var reach = facts.Current.Number < facts.Waves ? $" Nobody outside wave{(facts.Current.Number == 1 ? " 1" : $"s 1 to {facts.Current.Number}")} was told." : "";
        return new(
            $"Halted: {why}{(away == 0 ? "" : $" {Devices(away)} had not taken it, and will not.")}{reach}",
            back == 0 ? "No device has it; what is wanted of each is set back to what it runs." : $"{Devices(back)} that took it go back to what they ran before.",
            "At once; devices that are away, when they return.",
            $"You need to do nothing for the devices. Mend {facts.Package} and publish it under a new version.");
    }

    public static Verdict HaltedBy(string who, RolloutFacts facts) =>
        Halt(facts, $"{who} ended it.") with { CanDo = $"`edgefleet rollout status {facts.Rollout}` shows the way of each device." };

    public static Verdict GoBack(ReturnFacts facts) => new(
        $"{facts.HaltedWhy} {ReturnCounts(facts)}",
        "Each device goes back by itself: the earlier package is still on it.",
        facts.Offline == 0 ? "As fast as the devices report." : "Those that are away, when they return.",
        NothingNeeded);

    public static Verdict Returned(ReturnFacts facts) => new(
        $"{facts.HaltedWhy} {(facts.HadToGo == 0 ? "No device has it." : ReturnCounts(facts))}",
        "Nothing; this rollout is over.", "Finished.",
        facts.Keeps == 0
            ? "Publish a mended model under a new version."
            : $"{Devices(facts.Keeps)} had no earlier package and kept this one. Start a rollout of another version for them.");

    public static Verdict Paused(string who, long id, string why) => new(
        $"Paused by {who}. {why}", "Devices under way finish; nobody new is told. A failure still halts it.",
        "Until somebody resumes it.", $"`edgefleet rollout resume {id}`.");

    public static Verdict Resumed(string who) => new($"Resumed by {who}.", "The wave is looked at again.", "At once.", NothingNeeded);

    public static Verdict Aborted(string who) => new($"Aborted by {who} before anybody was told.", "Nothing; the plan is closed.", "Finished.", NothingNeeded);

    public static Verdict Superseded(long newer, string who) => new(
        $"Superseded by rollout {newer}, which {who} started for the same slot.", "Nobody new is told here; devices keep what they have until the newer one reaches them.",
        "Finished.", $"`edgefleet rollout status {newer}`.");

    /// <summary>The counts of a wave in a fixed order, those that are zero left out but for the first.</summary>
    public static string Counts(WaveFacts wave)
    {
        var parts = new List<string> { $"{wave.Committed} of {Devices(wave.Size)} committed" };
        Add(wave.Probation, "in probation");
        Add(wave.UnderWay, "under way");
        Add(wave.Waiting, "not begun");
        Add(wave.Deterministic, "refused");
        Add(wave.Statistical, "rolled back");
        Add(wave.Local, "failed for reasons of their own (not counted)");
        Add(wave.Late, "late");
        Add(wave.Silent, "silent (not counted)");
        Add(wave.Offline, "offline (not counted)");
        return string.Join(", ", parts);

        void Add(int count, string what)
        {
            if (count > 0)
                parts.Add($"{count} {what}");
        }
    }

    /// <summary>Who of a wave has said nothing.</summary>
    public static string Silence(WaveFacts wave) =>
        $"{wave.Silent} of {Devices(wave.Size)} {(wave.Silent == 1 ? "has" : "have")} said nothing since they were told, {wave.Offline} {(wave.Offline == 1 ? "is" : "are")} offline.";

    /// <summary>A moment in UTC, with the day when it is another.</summary>
    public static string Moment(DateTimeOffset at, DateTimeOffset now)
    {
        var (utc, today) = (at.UtcDateTime, now.UtcDateTime.Date);
        return utc.ToString(utc.Date == today ? "HH:mm 'UTC'" : "d MMM HH:mm 'UTC'", CultureInfo.InvariantCulture);
    }

    private static string ReturnCounts(ReturnFacts facts)
    {
        var parts = new List<string> { $"{facts.Back} done" };
        if (facts.Offline > 0)
            parts.Add($"{facts.Offline} offline and will when they return");
        if (facts.Asked - facts.Offline > 0)
            parts.Add($"{facts.Asked - facts.Offline} under way");
        if (facts.Keeps > 0)
            parts.Add($"{facts.Keeps} had no earlier package and kept it");
        if (facts.TakenOver > 0)
            parts.Add($"{facts.TakenOver} taken over by a newer rollout");
        return $"{Devices(facts.HadToGo)} go back to what they ran before: {string.Join(", ", parts)}.";
    }

    private static string Compared(RolloutFacts facts)
    {
        if (facts.Evidence?.Look is not { } look || look.Wave != facts.Current.Number)
            return "";
        if (look.Measures.Count == 0)
            return $" Nobody to compare it with: {facts.Evidence.Candidates} on it, {facts.Evidence.Controls} on an earlier model.";

        var (passed, open) = (look.Measures.Count(m => m.Verdict == MeasureVerdict.Passes), look.Measures.Count(m => m.Verdict == MeasureVerdict.TooFew));
        return $" Beside the earlier model {passed} measures pass{(open == 0 ? "" : $", {open} have too few devices to tell and look no worse than allowed")}.{EvidenceSentences.Unlike(look)}";
    }

    private static string Of(RolloutFacts facts) => $"{facts.Current.Number} of {facts.Waves}";

    private static string Devices(int count) => count == 1 ? "1 device" : $"{count} devices";

    private static string Spoken(double minutes) => minutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{60 * minutes:0.#} s")
        : string.Create(CultureInfo.InvariantCulture, $"{minutes:0.#} min");
}
