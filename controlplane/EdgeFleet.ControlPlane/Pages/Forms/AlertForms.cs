using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Alerts;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Pages.Forms;

/// <summary>The buttons on alerts.</summary>
internal static class AlertForms
{
    public static void Map(IEndpointRouteBuilder forms) =>
        forms.MapPost("/alerts/{id:long}", ActAsync).RequireAuthorization(Policies.Staff);

    private static string? Given(string text) => text.Length > 0 ? text : null;

    private static async Task<IResult> ActAsync(long id, IFormCollection form, ClaimsPrincipal user, AlertCommands commands, Notes notes, CancellationToken cancel)
    {
        var request = new AlertActionRequest(form["key"].ToString(), form["kind"].ToString(), Given(form["value"].ToString()), Given(form["label"].ToString()));
        var back = form["back"].ToString() is ['/', 'd', ..] or ['/', 'a', ..] ? form["back"].ToString() : "/alerts";
        return TypedResults.LocalRedirect(await commands.ActAsync(id, request, Person.Of(user).Name, cancel) switch
        {
            AlertActed.Done => $"{back}#alert-{id}",
            AlertActed.Conflict conflict => notes.On(back, conflict.Sentence),
            AlertActed.Refused refused => notes.On(back, $"The server did not take this: {refused.Reason}"),
            _ => notes.On(back, $"There is no alert {id}."),
        });
    }
}
