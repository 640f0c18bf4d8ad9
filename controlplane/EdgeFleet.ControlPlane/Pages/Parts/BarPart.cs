namespace EdgeFleet.ControlPlane.Pages.Parts;

/// <summary>A part of a <see cref="StateBar"/>.</summary>
/// <param name="Word">State in a word.</param>
/// <param name="Count">How many are in it.</param>
/// <param name="Fill">Its look: good, notice, candidate, warning, critical, plain, pale, hatched.</param>
/// <param name="Link">Where the list of those is.</param>
public sealed record BarPart(string Word, int Count, string Fill, string? Link = null);
