namespace EdgeFleet.Shared.Models.Explaining;

/// <summary>Which part of a picture an answer rests on: how much surer the model is with each part than without it.</summary>
/// <param name="Columns">Cells from left to right.</param>
/// <param name="Rows">Cells from top to bottom.</param>
/// <param name="Drops">By cell, row by row: the mean fall of the answer's log-odds over the patches that cover the cell; below 0 the part speaks against the answer.</param>
/// <param name="Label">Index of the answer's label that was asked about.</param>
/// <param name="IsAnswer">Whether it is what the model answers.</param>
/// <param name="Confidence">Confidence in it with the whole picture.</param>
/// <param name="ConfidenceLeast">The least confidence in it with a patch covered.</param>
/// <param name="StrongestColumn">Column in the middle of that patch, as a share of the width.</param>
/// <param name="StrongestRow">Row in the middle of that patch, as a share of the height.</param>
public sealed record OcclusionMap(
    int Columns, int Rows, IReadOnlyList<float> Drops, int Label, bool IsAnswer, float Confidence, float ConfidenceLeast, float StrongestColumn, float StrongestRow)
{
    /// <summary>Below this fall of the log-odds no part matters more than the noise of the next rounding.</summary>
    public const float DropMin = 0.05f;

    /// <summary>Whether any part matters.</summary>
    public bool HasFocus => Drops.Max() >= DropMin;

    /// <summary>Weight of a place, 0 to 1, between the cells' middles: 1 where the answer rests most, 0 where it does not.</summary>
    /// <param name="x">Place from the left, a share of the width.</param>
    /// <param name="y">Place from the top, a share of the height.</param>
    public float WeightAt(float x, float y)
    {
        var most = Drops.Max();
        if (most < DropMin) return 0;
        float column = Math.Clamp(x * Columns - 0.5f, 0, Columns - 1), row = Math.Clamp(y * Rows - 0.5f, 0, Rows - 1);
        int left = (int)column, top = (int)row;
        int right = Math.Min(left + 1, Columns - 1), bottom = Math.Min(top + 1, Rows - 1);
        float across = column - left, down = row - top;
        var above = Drops[top * Columns + left] * (1 - across) + Drops[top * Columns + right] * across;
        var below = Drops[bottom * Columns + left] * (1 - across) + Drops[bottom * Columns + right] * across;
        return Math.Clamp((above * (1 - down) + below * down) / most, 0, 1);
    }

    /// <summary>The strongest place in words, for example <c>upper left</c>.</summary>
    public string StrongestPlace => (StrongestRow switch { < 1 / 3f => "upper", > 2 / 3f => "lower", _ => "" }, StrongestColumn switch { < 1 / 3f => "left", > 2 / 3f => "right", _ => "" }) switch
    {
        ("", "") => "middle",
        (var row, "") => row + " middle",
        ("", var column) => column + " middle",
        var (row, column) => $"{row} {column}",
    };
}
