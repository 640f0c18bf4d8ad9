using System.Globalization;
using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Pages.Forms;

/// <summary>The forms of enrolment.</summary>
internal static class EnrolmentForms
{
    private const string Page = "/enrolment";

    public static void Map(IEndpointRouteBuilder forms)
    {
        var enrolment = forms.MapGroup("/enrolment").RequireAuthorization(Policies.Operator);
        enrolment.MapPost("/tokens", MakeAsync);
        enrolment.MapPost("/tokens/{id:long}/withdraw", WithdrawAsync);
        enrolment.MapPost("/{id:long}/{verb}", DecideAsync);
    }

    private static async Task<IResult> MakeAsync(IFormCollection form, ClaimsPrincipal user, EnrolmentTokens tokens, IAuditLog audit, Notes notes, CancellationToken cancel)
    {
        if (!int.TryParse(form["uses"], NumberStyles.None, CultureInfo.InvariantCulture, out var uses))
            return TypedResults.LocalRedirect(notes.On(Page, $"'{form["uses"]}' is no number of boards."));
        if (!double.TryParse(form["hours"], NumberStyles.Float, CultureInfo.InvariantCulture, out var hours))
            return TypedResults.LocalRedirect(notes.On(Page, $"'{form["hours"]}' is no number of hours."));

        var who = Person.Of(user).Name;
        var request = new EnrolmentTokenRequest(form["site"].ToString().Trim(), form["tags"].ToString().Split([' ', ','], StringSplitOptions.RemoveEmptyEntries), uses, hours);
        switch (await tokens.CreateAsync(request, who, cancel))
        {
            case TokenCreated.Done { Token: var token }:
                await audit.RecordAsync(who, "enrolment-token.create", $"token {token.Id}", $"{token.Uses} use(s) until {token.Expires:u}", cancel);
                return TypedResults.LocalRedirect($"{Page}?ticket={notes.Seal(token.Ticket)}");
            case TokenCreated.Refused refused:
                return TypedResults.LocalRedirect(notes.On(Page, refused.Reason));
            case var other:
                throw new InvalidOperationException($"{other.GetType().Name} is no ending of making a token.");
        }
    }

    private static async Task<IResult> WithdrawAsync(long id, IFormCollection form, ClaimsPrincipal user, EnrolmentTokens tokens, IAuditLog audit, Notes notes, CancellationToken cancel)
    {
        _ = form; // Read, so that a form from elsewhere is refused.
        var who = Person.Of(user).Name;
        if (!await tokens.WithdrawAsync(id, who, cancel))
            return TypedResults.LocalRedirect(notes.On(Page, $"There is no token {id}, or it has ended already."));

        await audit.RecordAsync(who, "enrolment-token.withdraw", $"token {id}", null, cancel);
        return TypedResults.LocalRedirect(notes.On(Page, $"Ticket {id} is withdrawn."));
    }

    private static async Task<IResult> DecideAsync(
        long id, string verb, IFormCollection form, ClaimsPrincipal user, EnrolmentAsks asks, IAuditLog audit, Notes notes, CancellationToken cancel)
    {
        var who = Person.Of(user).Name;
        var decided = verb switch
        {
            "approve" => await asks.ApproveAsync(id, new EnrolmentApproval(form["name"].ToString().Trim(), form["site"].ToString().Trim()), who, cancel),
            "refuse" => await asks.RefuseAsync(id, form["reason"].ToString(), who, cancel),
            _ => new AskDecided.NotFound($"'{verb}' is nothing that can be done to a board that waits."),
        };
        switch (decided)
        {
            case AskDecided.Done { Ask: var ask }:
                await audit.RecordAsync(who, $"enrolment.{verb}", $"enrolment {ask.Id}", $"key {ask.Key}, {ask.Device ?? ask.Wish}", cancel);
                return TypedResults.LocalRedirect(notes.On(Page, verb == "approve" ? "Approved. The board gets its certificate when it asks next, within seconds." : "Turned away; the board is told so."));
            case AskDecided.Refused refused:
                return TypedResults.LocalRedirect(notes.On(Page, refused.Reason));
            default:
                return TypedResults.LocalRedirect(notes.On(Page, ((AskDecided.NotFound)decided).Reason));
        }
    }
}
