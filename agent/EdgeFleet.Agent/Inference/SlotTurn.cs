namespace EdgeFleet.Agent.Inference;

/// <summary>What a slot does next: a sample of its source, or a call of another program; neither once it ends.</summary>
internal readonly record struct SlotTurn(Sample? Sample, ModelCall? Call);
