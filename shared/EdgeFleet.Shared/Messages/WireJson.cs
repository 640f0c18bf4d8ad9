using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Shared.Messages;

/// <summary>Source-generated JSON of everything on the wire and in packages: camel case, nulls left out, unknown fields ignored, depth capped.</summary>
/// <remarks>
/// A property with a default has a setter, not <c>init</c>: for an <c>init</c> property that is left out of the JSON the generated reader writes
/// <c>default</c> over the default.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(Hello))]
[JsonSerializable(typeof(Presence))]
[JsonSerializable(typeof(ReportedState))]
[JsonSerializable(typeof(ReportedPower))]
[JsonSerializable(typeof(MinuteRow))]
[JsonSerializable(typeof(MinuteBatch))]
[JsonSerializable(typeof(PlainMinuteBatch))]
[JsonSerializable(typeof(HourlyProfile))]
[JsonSerializable(typeof(ProfileBatch))]
[JsonSerializable(typeof(DeviceEvent))]
[JsonSerializable(typeof(EventBatch))]
[JsonSerializable(typeof(Ack))]
[JsonSerializable(typeof(DesiredDocument))]
[JsonSerializable(typeof(Envelope))]
[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(Reference))]
[JsonSerializable(typeof(GoldenSet))]
[JsonSerializable(typeof(PackageReport))]
[JsonSerializable(typeof(AdviceTexts))]
[JsonSerializable(typeof(RehearsalReport))]
[JsonSerializable(typeof(CandidateEvidence))]
[JsonSerializable(typeof(EnrolmentTicket))]
[JsonSerializable(typeof(EnrolmentRequest))]
[JsonSerializable(typeof(EnrolmentResponse))]
[JsonSerializable(typeof(EnrolmentPending))]
[JsonSerializable(typeof(RenewalRequest))]
[JsonSerializable(typeof(DeviceCommand))]
[JsonSerializable(typeof(CommandResult))]
public sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>The same shapes, indented, for files that people open: manifest, reference, report.</summary>
    public static WireJson Indented => Pretty.Context;

    // A class of its own, because the order of static fields over the parts of a partial class is not defined.
    private static class Pretty
    {
        internal static readonly WireJson Context = new(new JsonSerializerOptions(Default.Options) { WriteIndented = true, IndentSize = 1 });
    }
}
