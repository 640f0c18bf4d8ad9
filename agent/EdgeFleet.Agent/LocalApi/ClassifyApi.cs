using System.Text.Json;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>A photo in, a label out, with the model's own preparation: <c>POST /edgefleet/v1/slots/SLOT/classify</c>.</summary>
internal sealed class ClassifyApi(ModelDoor door)
{
    /// <summary>Answers with label and confidences.</summary>
    public async Task<ApiAnswer> AnswerAsync(string slot, ApiRequest request, CancellationToken stop)
    {
        if (door.Find(slot, version: null, out var refusal) is not var (host, model))
            return refusal;
        if (model.Manifest.Input.Kind != "image")
            return ApiAnswer.Error(400, $"The model of slot {slot} takes {model.Manifest.Input.Kind}: send its tensor to /v2/models/{slot}/infer.");
        if (request.MediaType is not ("image/jpeg" or "image/png"))
            return ApiAnswer.Error(415, "Send a JPEG or PNG with Content-Type: image/jpeg or image/png.");

        // Its own sample, not one of the slot's pool, whose number is reckoned for the queue.
        var sample = new Sample();
        request.Body.CopyTo(sample.RoomForImage(request.Body.Length));
        sample.GiveImage(request.Body.Length, SampleOrigin.Named("a call"));
        var (answer, turnedAway) = await ModelDoor.AskAsync(host, new ModelCall(model, door.Now) { Sample = sample }, stop);
        return turnedAway ?? Answer(slot, model, answer!);
    }

    private static ApiAnswer Answer(string slot, LoadedModel model, CallAnswer.Answered answer) => ApiAnswer.Json(200, json =>
    {
        var (labels, read) = (model.Manifest.Output.Labels, answer.Read);
        json.WriteString("slot", slot);
        json.WriteString("model", model.Package.Label);
        json.WriteString("label", read.Label < 0 ? "" : labels[read.Label]);
        json.WriteNumber("confidence", read.Confidence);
        if (read.Confidences.Count > 0)
        {
            json.WriteStartObject("confidences");
            foreach (var (label, confidence) in labels.Zip(read.Confidences))
                json.WriteNumber(label, confidence);
            json.WriteEndObject();
        }

        if (read.Score is { } score)
            json.WriteNumber("score", score);
        if (model.Manifest.Output.Boxes is not null)
            Boxes(json, labels, read.Boxes);
        json.WriteStartObject("microseconds");
        json.WriteNumber("queue", answer.Times.QueueUs);
        json.WriteNumber("prepare", answer.Times.PrepareUs);
        json.WriteNumber("infer", answer.Times.InferUs);
        json.WriteEndObject();
    });

    private static void Boxes(Utf8JsonWriter json, IReadOnlyList<string> labels, IReadOnlyList<Box> boxes)
    {
        json.WriteStartArray("boxes");
        foreach (var box in boxes)
        {
            json.WriteStartObject();
            json.WriteString("label", labels[box.Label]);
            json.WriteNumber("confidence", box.Score);
            json.WriteNumber("left", box.Left);
            json.WriteNumber("top", box.Top);
            json.WriteNumber("right", box.Right);
            json.WriteNumber("bottom", box.Bottom);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
