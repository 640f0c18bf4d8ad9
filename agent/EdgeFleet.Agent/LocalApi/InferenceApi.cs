using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>
/// The Open Inference Protocol, version 2, over HTTP (kserve/open-inference-protocol), with the extension for binary tensors. A slot is a model by its name, and
/// the version is that of the package which the fleet has put into it.
/// </summary>
internal sealed class InferenceApi(ModelDoor door)
{
    private const string BinaryLength = "Inference-Header-Content-Length";

    /// <summary>Metadata of the server.</summary>
    public static ApiAnswer Server() => ApiAnswer.Json(200, json =>
    {
        json.WriteString("name", "edgefleet-agent");
        json.WriteString("version", typeof(InferenceApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "");
        json.WriteStartArray("extensions");
        json.WriteStringValue("binary_tensor_data");
        json.WriteEndArray();
    });

    /// <summary>Whether every slot has a model.</summary>
    public ApiAnswer Ready()
    {
        var isReady = door.Hosts.All(h => h.Active is not null);
        return ApiAnswer.Json(isReady ? 200 : 503, json => json.WriteBoolean("ready", isReady));
    }

    /// <summary>What is asked of one slot.</summary>
    /// <param name="slot">Its name.</param>
    /// <param name="rest">The path after it.</param>
    /// <param name="request">The request.</param>
    /// <param name="stop">Ends when the agent stops.</param>
    public async Task<ApiAnswer> AnswerAsync(string slot, string[] rest, ApiRequest request, CancellationToken stop)
    {
        var version = rest is ["versions", var named, ..] ? named : null;
        var what = version is null ? rest : rest[2..];
        if (what is not ([] or ["ready"] or ["infer"]))
            return ApiAnswer.Error(404, $"There is nothing at {request.Head.Path}.");
        if (door.Find(slot, version, out var refusal) is not { } found)
            return refusal;

        return what switch
        {
            ["ready"] => ApiAnswer.Json(200, json =>
            {
                json.WriteString("name", slot);
                json.WriteBoolean("ready", true);
            }),
            ["infer"] => await InferAsync(found.Host, found.Model, request, stop),
            _ => Metadata(slot, found.Model),
        };
    }

    private static ApiAnswer Metadata(string slot, LoadedModel model) => ApiAnswer.Json(200, json =>
    {
        json.WriteString("name", slot);
        json.WriteStartArray("versions");
        json.WriteStringValue(model.Manifest.Version);
        json.WriteEndArray();
        json.WriteString("platform", "onnxruntime_onnx");
        Tensors(json, "inputs", [model.Session.InputInfo]);
        Tensors(json, "outputs", model.Session.OutputInfos);
    });

    private async Task<ApiAnswer> InferAsync(SlotHost host, LoadedModel model, ApiRequest request, CancellationToken stop)
    {
        var isBinary = int.TryParse(request.Head[BinaryLength], NumberStyles.None, CultureInfo.InvariantCulture, out var jsonLength);
        if (request.Head[BinaryLength].Length > 0 && (!isBinary || jsonLength > request.Body.Length))
            return ApiAnswer.Error(400, $"{BinaryLength} is no length within the body.");

        var json = isBinary ? request.Body[..jsonLength] : request.Body;
        var asked = InferRequest.Parse(json.Span, isBinary ? request.Body[jsonLength..].Span : default, model.Session.InputInfo, [.. model.Session.OutputInfos.Select(o => o.Name)], out var fault);
        if (asked is null)
            return ApiAnswer.Error(400, fault);

        var (answer, refusal) = await ModelDoor.AskAsync(host, new ModelCall(model, door.Now) { Tensor = asked.Tensor }, stop);
        return refusal ?? Answer(host.Slot.Value, model, asked, answer!);
    }

    private static ApiAnswer Answer(string slot, LoadedModel model, InferRequest asked, CallAnswer.Answered answer)
    {
        var given = model.Session.OutputInfos.Zip(answer.Outputs).Where(o => asked.Outputs.Count == 0 || asked.Outputs.Contains(o.First.Name)).ToList();
        var json = ApiAnswer.Json(200, json =>
        {
            json.WriteString("model_name", slot);
            json.WriteString("model_version", model.Manifest.Version);
            if (asked.Id is not null)
                json.WriteString("id", asked.Id);
            json.WriteStartArray("outputs");
            foreach (var (info, values) in given)
                Output(json, info, values, asked.WantsBinary);
            json.WriteEndArray();
        });
        return asked.WantsBinary ? WithBinary(json, [.. given.Select(o => o.Second)]) : json;
    }

    private static void Output(Utf8JsonWriter json, TensorInfo info, float[] values, bool isBinary)
    {
        json.WriteStartObject();
        Describe(json, info);
        if (isBinary)
        {
            json.WriteStartObject("parameters");
            json.WriteNumber("binary_data_size", values.Length * sizeof(float));
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartArray("data");
            foreach (var value in values)
                json.WriteNumberValue(value);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // Little-endian floats after the JSON, whose length stands in the head.
    private static ApiAnswer WithBinary(ApiAnswer json, IReadOnlyList<float[]> outputs)
    {
        var body = new byte[json.Body.Length + (outputs.Sum(o => o.Length) * sizeof(float))];
        json.Body.CopyTo(body);
        var at = json.Body.Length;
        foreach (var value in outputs.SelectMany(o => o))
        {
            BinaryPrimitives.WriteSingleLittleEndian(body.AsSpan(at), value);
            at += sizeof(float);
        }

        return new ApiAnswer(200, body, "application/octet-stream", (BinaryLength, json.Body.Length.ToString(CultureInfo.InvariantCulture)));
    }

    private static void Tensors(Utf8JsonWriter json, string list, IReadOnlyList<TensorInfo> tensors)
    {
        json.WriteStartArray(list);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            Describe(json, tensor);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Describe(Utf8JsonWriter json, TensorInfo tensor)
    {
        json.WriteString("name", tensor.Name);
        json.WriteString("datatype", InferRequest.DataType);
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
    }
}
