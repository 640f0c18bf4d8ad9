using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>What people do to alerts.</summary>
internal sealed class AlertCommands(IDbContextFactory<FleetContext> contexts, AlertQueries queries, ModelLabels labels, IAuditLog audit, TimeProvider time)
{
    private const int AttemptsMax = 10;
    private const int KeyLengthMax = 64;
    private const int LabelLengthMax = 100;

    /// <summary>Does an action. A key that was taken before changes nothing and ends as the first time did.</summary>
    public async Task<AlertActed> ActAsync(long id, AlertActionRequest request, string who, CancellationToken cancel)
    {
        if (WhatIsWrong(request) is { } wrong)
            return new AlertActed.Refused(wrong);

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryActAsync(id, request, who, cancel);
            }
            catch (DbUpdateException) when (attempt < AttemptsMax)
            {
                // Somebody changed the alert, or took the key, in between: look again.
            }
        }
    }

    private async Task<AlertActed> TryActAsync(long id, AlertActionRequest request, string who, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Set<Alert>().Include(a => a.Actions).FirstOrDefaultAsync(a => a.Id == id, cancel) is not { } alert)
            return new AlertActed.NotFound();
        if (await db.Set<AlertAction>().AsNoTracking().FirstOrDefaultAsync(a => a.Key == request.Key, cancel) is { } earlier)
            return await AgainAsync(earlier, id, request, who, cancel);
        if (FirstByAnother(alert, request.Kind) is { } first)
            return new AlertActed.Conflict((await queries.FindAsync(id, cancel))!, SentenceFor(first));

        if (request.Label is { } label && await FaultOfAsync(label, alert, cancel) is { } fault)
            return new AlertActed.Refused(fault);

        alert.State = StateAfter(alert.State, request.Kind);
        alert.Actions.Add(new AlertAction { Key = request.Key, At = time.GetUtcNow().ToUnixTimeMilliseconds(), Who = who, Kind = request.Kind, Value = request.Value, Label = request.Label, Judged = JudgedOf(alert, request.Kind) });
        alert.Revision = await AlertRevision.NextAsync(db, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        await audit.RecordAsync(who, $"alert.{request.Kind}", $"alert {id}", request.Label is null ? request.Value : $"{request.Value}, it is {request.Label}", cancel);
        return new AlertActed.Done((await queries.FindAsync(id, cancel))!);
    }

    private async Task<AlertActed> AgainAsync(AlertAction earlier, long id, AlertActionRequest request, string who, CancellationToken cancel) =>
        earlier.AlertId == id && earlier.Kind == request.Kind && earlier.Value == request.Value && earlier.Label == request.Label && earlier.Who == who
            ? new AlertActed.Done((await queries.FindAsync(id, cancel))!)
            : new AlertActed.Refused($"The key {request.Key} was used for another action. Send a new key with each action.");

    private async Task<string?> FaultOfAsync(string label, Alert alert, CancellationToken cancel)
    {
        if (label == alert.Label)
            return $"'{label}' is what the device said. If that is so, the verdict is: right.";
        var known = await labels.FindAsync(alert.Model, cancel);
        return known.Count == 0 || known.Contains(label) ? null : $"'{label}' is no label of {alert.Model}. Use one of: {string.Join(", ", known)}.";
    }

    private static Judged? JudgedOf(Alert alert, string kind) => kind != AlertActionKind.Verdict ? null
        : new Judged { Answer = alert.Label, Confidence = alert.Confidence, Model = alert.Model, SeenAt = alert.Last, Photo = alert.Photo };

    // Seeing what another has seen, and judging what another has judged, is no conflict: both are kept.
    private static AlertAction? FirstByAnother(Alert alert, string kind) =>
        alert.State == AlertState.Resolved && kind != AlertActionKind.Verdict
            ? alert.Actions.Where(a => a.Kind == AlertActionKind.Resolve).MaxBy(a => a.At)
            : null;

    private static string SentenceFor(AlertAction first) =>
        $"{first.Who} did this first, {DateTimeOffset.FromUnixTimeMilliseconds(first.At):yyyy-MM-dd HH:mm} UTC. Yours was not done.";

    private static string StateAfter(string state, string kind) => (state, kind) switch
    {
        (AlertState.Open, AlertActionKind.Acknowledge) => AlertState.Acknowledged,
        (_, AlertActionKind.Resolve) => AlertState.Resolved,
        _ => state,
    };

    private static string? WhatIsWrong(AlertActionRequest request) => request switch
    {
        { Key: null or "" } => "The action has no key. Send a new random key with each action, so that a repeat counts once.",
        { Key.Length: > KeyLengthMax } => $"The key has {request.Key.Length} characters. Use at most {KeyLengthMax}.",
        { Label: not null, Value: not "wrong" } => "Only the verdict 'wrong' takes a label: what it really is.",
        { Label.Length: 0 or > LabelLengthMax } => $"The label has {request.Label.Length} characters. Use 1 to {LabelLengthMax}.",
        { Kind: AlertActionKind.Acknowledge or AlertActionKind.Resolve, Value: null } => null,
        { Kind: AlertActionKind.Acknowledge or AlertActionKind.Resolve } => $"'{request.Kind}' takes no value.",
        { Kind: AlertActionKind.Verdict } => AlertActionKind.Verdicts.Contains(request.Value)
            ? null
            : $"'{request.Value}' is no verdict. Use one of: {string.Join(", ", AlertActionKind.Verdicts)}.",
        _ => $"'{request.Kind}' is no action. Use one of: {AlertActionKind.Acknowledge}, {AlertActionKind.Resolve}, {AlertActionKind.Verdict}.",
    };
}
