namespace EdgeFleet.Shared.Models.Answers;

/// <summary>An answer that outlives the next run: what two models' answers are compared by. Of its parts the one that fits the task is filled.</summary>
public sealed record KeptAnswer
{
    /// <summary>Raw outputs, for one label of several.</summary>
    public IReadOnlyList<float> Outputs { get; init; } = [];

    /// <summary>Boxes, the surest first.</summary>
    public IReadOnlyList<Box> Boxes { get; init; } = [];

    /// <summary>Anomaly score.</summary>
    public double Score { get; init; }

    /// <summary>Keeps an answer as it was read: of a class the confidences stand in for the raw outputs.</summary>
    public static KeptAnswer AsRead(Answer answer) => answer switch
    {
        ClassAnswer one => new KeptAnswer { Outputs = one.Confidences.ToArray() },
        DetectionAnswer detection => new KeptAnswer { Boxes = detection.Boxes.ToArray() },
        AnomalyAnswer anomaly => new KeptAnswer { Score = anomaly.Score },
        _ => throw new InvalidOperationException($"{answer.GetType().Name} is no answer."),
    };

    /// <summary>Keeps an answer that was just read from a session; null for one that was not a number.</summary>
    public static KeptAnswer? Of(Answer? answer, ModelSession session, int sample = 0) => answer switch
    {
        ClassAnswer => new KeptAnswer { Outputs = session.OutputOf(sample).ToArray() },
        DetectionAnswer detection => new KeptAnswer { Boxes = detection.Boxes.ToArray() },
        AnomalyAnswer anomaly => new KeptAnswer { Score = anomaly.Score },
        _ => null,
    };
}
