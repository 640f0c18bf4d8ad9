namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>How one model answers a split, by itself and beside the float model.</summary>
public sealed record AnswerScore
{
    /// <summary>Samples.</summary>
    public required int Samples { get; init; }

    /// <summary>Right answers; null where nobody has said what is right.</summary>
    public int? Right { get; init; }

    /// <summary>Share of right answers, of a detector the mean average precision; null where nobody has said what is right.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Share of answers equal to the float model's, of a detector the F1 of boxes that match.</summary>
    public required double Agreement { get; init; }

    /// <summary>Mean absolute change of the probability that the float model gives its answer.</summary>
    public required double ProbabilityChange { get; init; }

    /// <summary>How far the outputs are the float model's: mean Kullback-Leibler divergence of the probabilities in nats, or noise over signal where outputs are no softmax.</summary>
    public required double Divergence { get; init; }

    /// <summary>Signal to noise of the raw outputs, dB.</summary>
    public required double SqnrDb { get; init; }
}

/// <summary>What an int8 form may differ from its float model on validation.</summary>
/// <param name="AgreementMin">Least share of equal answers.</param>
/// <param name="AccuracyLossMax">Largest loss in the share of right answers; one sample is always allowed.</param>
/// <param name="ProbabilityChangeMax">Largest mean change of the probability of the float model's answer.</param>
public sealed record QuantizeGate(double AgreementMin, double AccuracyLossMax, double ProbabilityChangeMax)
{
    /// <summary>What does not pass, in words; null when all does.</summary>
    public string? Fault(AnswerScore floatModel, AnswerScore int8)
    {
        ArgumentNullException.ThrowIfNull(floatModel);
        ArgumentNullException.ThrowIfNull(int8);
        var allowed = Math.Max(AccuracyLossMax, 1.0 / int8.Samples) + 1e-9;
        if (int8.Agreement < AgreementMin - 1e-9) return FormattableString.Invariant($"agreement {100 * int8.Agreement:0.0} %, at least {100 * AgreementMin:0.#} % is asked");
        if (floatModel.Accuracy - int8.Accuracy > allowed)
            return FormattableString.Invariant($"accuracy {100 * int8.Accuracy:0.0} % where the float model has {100 * floatModel.Accuracy:0.0} %; at most {100 * allowed:0.0#} points may be lost");
        return int8.ProbabilityChange > ProbabilityChangeMax + 1e-9
            ? FormattableString.Invariant($"the probability of the float model's answer changes by {int8.ProbabilityChange:0.000} on average; at most {ProbabilityChangeMax:0.###} is asked")
            : null;
    }
}
