namespace EdgeFleet.Shared.Api;

/// <summary>Enrolment and standing of devices.</summary>
public sealed partial class FleetClient
{
    /// <summary>Makes an enrolment token.</summary>
    public Task<EnrolmentTokenResponse> CreateTokenAsync(EnrolmentTokenRequest request, CancellationToken cancel) =>
        PostAsync("api/enrolment-tokens", request, ApiJson.Default.EnrolmentTokenRequest, ApiJson.Default.EnrolmentTokenResponse, cancel);

    /// <summary>Tokens, the newest first.</summary>
    public Task<IReadOnlyList<EnrolmentTokenSummary>> TokensAsync(CancellationToken cancel) =>
        GetAsync("api/enrolment-tokens", ApiJson.Default.IReadOnlyListEnrolmentTokenSummary, cancel);

    /// <summary>Ends a token.</summary>
    public Task WithdrawTokenAsync(long id, CancellationToken cancel) => NothingAsync(HttpMethod.Post, $"api/enrolment-tokens/{id}/withdraw", cancel);

    /// <summary>The ticket without a token.</summary>
    public Task<OpenTicket> OpenTicketAsync(CancellationToken cancel) => GetAsync("api/enrolment-ticket", ApiJson.Default.OpenTicket, cancel);

    /// <summary>Boards that ask to be let in.</summary>
    public Task<IReadOnlyList<EnrolmentAskSummary>> EnrolmentAsksAsync(CancellationToken cancel) =>
        GetAsync("api/enrolment-asks", ApiJson.Default.IReadOnlyListEnrolmentAskSummary, cancel);

    /// <summary>Lets a board in.</summary>
    public Task<EnrolmentAskSummary> ApproveEnrolmentAsync(long id, EnrolmentApproval approval, CancellationToken cancel) =>
        PostAsync($"api/enrolment-asks/{id}/approve", approval, ApiJson.Default.EnrolmentApproval, ApiJson.Default.EnrolmentAskSummary, cancel);

    /// <summary>Turns a board away.</summary>
    public Task<EnrolmentAskSummary> RefuseEnrolmentAsync(long id, string? reason, CancellationToken cancel) =>
        PostAsync($"api/enrolment-asks/{id}/refuse", new ReasonRequest(reason), ApiJson.Default.ReasonRequest, ApiJson.Default.EnrolmentAskSummary, cancel);

    /// <summary>Keys that are listed in advance.</summary>
    public Task<IReadOnlyList<ListedKeySummary>> ListedKeysAsync(CancellationToken cancel) =>
        GetAsync("api/enrolment-keys", ApiJson.Default.IReadOnlyListListedKeySummary, cancel);

    /// <summary>Lists keys, all or none.</summary>
    public Task<IReadOnlyList<ListedKeySummary>> ListKeysAsync(IReadOnlyList<ListedKeySummary> keys, CancellationToken cancel) =>
        PostAsync("api/enrolment-keys", keys, ApiJson.Default.IReadOnlyListListedKeySummary, ApiJson.Default.IReadOnlyListListedKeySummary, cancel);

    /// <summary>Takes a key off the list.</summary>
    public Task RemoveKeyAsync(string key, CancellationToken cancel) => NothingAsync(HttpMethod.Delete, $"api/enrolment-keys/{Uri.EscapeDataString(key)}", cancel);

    /// <summary>Does <c>revoke</c>, <c>admit</c>, <c>quarantine</c>, <c>release</c> or <c>retire</c> to a device.</summary>
    public Task<DeviceSummary> ActOnDeviceAsync(string id, string action, string? reason, CancellationToken cancel) =>
        PostAsync($"api/devices/{Uri.EscapeDataString(id)}/{action}", new ReasonRequest(reason), ApiJson.Default.ReasonRequest, ApiJson.Default.DeviceSummary, cancel);

    /// <summary>Gives a device another site, other tags or another name for people.</summary>
    public Task<DeviceSummary> TransferAsync(string id, TransferRequest request, CancellationToken cancel) =>
        PostAsync($"api/devices/{Uri.EscapeDataString(id)}/transfer", request, ApiJson.Default.TransferRequest, ApiJson.Default.DeviceSummary, cancel);

    /// <summary>Tells a device to do something.</summary>
    public Task<CommandSummary> CommandAsync(string id, CommandRequest request, CancellationToken cancel) =>
        PostAsync($"api/devices/{Uri.EscapeDataString(id)}/commands", request, ApiJson.Default.CommandRequest, ApiJson.Default.CommandSummary, cancel);

    /// <summary>Commands of a device, or of all.</summary>
    public Task<IReadOnlyList<CommandSummary>> CommandsAsync(string? id, CancellationToken cancel) =>
        GetAsync(id is null ? "api/commands" : $"api/devices/{Uri.EscapeDataString(id)}/commands", ApiJson.Default.IReadOnlyListCommandSummary, cancel);

    /// <summary>Does <c>approve</c> or <c>withdraw</c> to a command.</summary>
    public async Task<CommandSummary> ActOnCommandAsync(string command, string action, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/commands/{Uri.EscapeDataString(command)}/{action}");
        return await ReadAsync(request, ApiJson.Default.CommandSummary, cancel);
    }

    /// <summary>When what vouches for devices and servers ends.</summary>
    public Task<TrustSummary> TrustAsync(CancellationToken cancel) => GetAsync("api/trust", ApiJson.Default.TrustSummary, cancel);
}
