namespace EdgeFleet.Samples.Leaves;

/// <summary>What a drawn sample leaf shows; the number is the class index.</summary>
internal enum LeafSymptom
{
    Healthy,
    Miner,
    Rust,
    Phoma,
    Cercospora,
}
