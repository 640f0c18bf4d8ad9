using System.Text.Json.Serialization;

namespace EdgeFleet.Shared.Api;

/// <summary>Source-generated JSON of the HTTP API: camel case, unknown fields ignored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(LoginResponse))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(EnrolmentTokenRequest))]
[JsonSerializable(typeof(EnrolmentTokenResponse))]
[JsonSerializable(typeof(IReadOnlyList<EnrolmentTokenSummary>))]
[JsonSerializable(typeof(OpenTicket))]
[JsonSerializable(typeof(IReadOnlyList<EnrolmentAskSummary>))]
[JsonSerializable(typeof(EnrolmentApproval))]
[JsonSerializable(typeof(IReadOnlyList<ListedKeySummary>))]
[JsonSerializable(typeof(ReasonRequest))]
[JsonSerializable(typeof(TransferRequest))]
[JsonSerializable(typeof(CommandRequest))]
[JsonSerializable(typeof(IReadOnlyList<CommandSummary>))]
[JsonSerializable(typeof(TrustSummary))]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(IReadOnlyList<DeviceSummary>))]
[JsonSerializable(typeof(DeviceSummary))]
[JsonSerializable(typeof(EnrolmentAskSummary))]
[JsonSerializable(typeof(CommandSummary))]
[JsonSerializable(typeof(DeviceDetail))]
[JsonSerializable(typeof(SlotTelemetry))]
[JsonSerializable(typeof(PublishRequest))]
[JsonSerializable(typeof(MetadataSummary))]
[JsonSerializable(typeof(RootRequest))]
[JsonSerializable(typeof(ListsRequest))]
[JsonSerializable(typeof(DigestList))]
[JsonSerializable(typeof(IReadOnlyList<PackageSummary>))]
[JsonSerializable(typeof(PackageDetail))]
[JsonSerializable(typeof(RolloutRequest))]
[JsonSerializable(typeof(IReadOnlyList<RolloutSummary>))]
[JsonSerializable(typeof(RolloutDetail))]
[JsonSerializable(typeof(AlertPage))]
[JsonSerializable(typeof(JudgedSamplePage))]
[JsonSerializable(typeof(AlertSummary))]
[JsonSerializable(typeof(IReadOnlyList<AlertSummary>))]
[JsonSerializable(typeof(AlertActionRequest))]
public sealed partial class ApiJson : JsonSerializerContext;
