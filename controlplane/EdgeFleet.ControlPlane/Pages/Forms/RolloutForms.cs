using System.Globalization;
using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Pages.Forms;

/// <summary>The forms of rollouts.</summary>
internal static class RolloutForms
{
    public static void Map(IEndpointRouteBuilder forms)
    {
        var rollouts = forms.MapGroup("/rollouts").RequireAuthorization(Policies.Operator);
        rollouts.MapPost("/", StartAsync);
        rollouts.MapPost("/{id:long}/{verb}", ChangeAsync);
    }

    private static async Task<IResult> StartAsync(IFormCollection form, ClaimsPrincipal user, RolloutCommands commands, Notes notes, CancellationToken cancel)
    {
        string[] fields = ["package", "slot", "selector", "waves", "soak", "shadow", "agreement"];
        var again = "/rollouts/new?" + string.Join('&', fields.Select(f => $"{f}={Uri.EscapeDataString(form[f].ToString())}"));
        if (!TryRead(form, out var request, out var fault))
            return TypedResults.LocalRedirect(notes.On(again, fault));

        return TypedResults.LocalRedirect(await commands.StartAsync(request!, Person.Of(user), cancel) switch
        {
            RolloutEnding.Done done => $"/rollouts/{done.Rollout.Rollout.Id}",
            var other => notes.On(again, ReasonOf(other)),
        });
    }

    private static async Task<IResult> ChangeAsync(
        long id, string verb, IFormCollection form, ClaimsPrincipal user, RolloutCommands commands, Notes notes, CancellationToken cancel)
    {
        _ = form; // Read, so that a form from elsewhere is refused.
        var who = Person.Of(user);
        var ending = verb switch
        {
            "pause" => await commands.PauseAsync(id, who, cancel),
            "resume" => await commands.ResumeAsync(id, who, cancel),
            "abort" => await commands.AbortAsync(id, who, cancel),
            _ => new RolloutEnding.Refused($"'{verb}' is nothing that can be done to a rollout."),
        };
        return TypedResults.LocalRedirect(ending is RolloutEnding.Done ? $"/rollouts/{id}" : notes.On($"/rollouts/{id}", ReasonOf(ending)));
    }

    private static bool TryRead(IFormCollection form, out RolloutRequest? request, out string fault)
    {
        (request, fault) = (null, "");
        if (form["package"].ToString().Split('@') is not [{ Length: > 0 } model, { Length: > 0 } version])
            fault = "Choose a version.";
        else if (!TryNumber(form["soak"].ToString(), out var soak))
            fault = $"'{form["soak"]}' is no number of minutes. Write for example 30.";
        else if (!TryShares(form["waves"].ToString(), out var shares))
            fault = $"'{form["waves"]}' are no shares. Write growing percentages that end at 100, for example 1, 5, 25, 100.";
        else if (!TryShadow(form["shadow"].ToString(), form["agreement"].ToString(), out var shadow, out fault))
            return false;
        else
            request = new RolloutRequest(
                model, version, form["slot"].ToString() is { Length: > 0 } slot ? slot : null, form["selector"].ToString(), shares, new GateSettings { SoakMinutes = soak }, Shadow: shadow);
        return request is not null;
    }

    private static bool TryShadow(string share, string agreement, out ShadowOrder? shadow, out string fault)
    {
        (shadow, fault) = (null, "");
        if (share.Trim().Length == 0)
        {
            fault = agreement.Trim().Length == 0 ? "" : "Write how many percent of the samples the version shall answer in shadow, or leave out on how many it must agree.";
            return fault.Length == 0;
        }

        var least = 0.0;
        if (!TryNumber(share, out var percent) || (agreement.Trim().Length > 0 && !TryNumber(agreement, out least)))
        {
            fault = $"'{share}' and '{agreement}' are no percentages. Write for example 20 and 90.";
            return false;
        }

        shadow = new ShadowOrder { Share = percent / 100, Limits = agreement.Trim().Length == 0 ? null : new ShadowLimits { AgreementMin = least / 100 } };
        return true;
    }

    private static bool TryShares(string text, out IReadOnlyList<double>? shares)
    {
        shares = null;
        if (text.Trim().Length == 0)
            return true;
        var read = new List<double>();
        foreach (var part in text.Split([',', ' ', '%'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryNumber(part, out var percent))
                return false;
            read.Add(percent / 100);
        }

        shares = read;
        return read.Count > 0;
    }

    private static bool TryNumber(string text, out double number) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private static string ReasonOf(RolloutEnding ending) => ending switch
    {
        RolloutEnding.Refused refused => refused.Reason,
        RolloutEnding.Forbidden forbidden => forbidden.Reason,
        RolloutEnding.NotFound missing => missing.Reason,
        _ => throw new InvalidOperationException($"{ending.GetType().Name} has no sentence."),
    };
}
