namespace EdgeFleet.Shared.Models.Answers;

/// <summary>A labelled box; coordinates are shares of the whole image, 0 to 1, from its upper left corner.</summary>
/// <param name="Label">Index of the label.</param>
/// <param name="Score">How sure, 0 to 1; 1 for a true box.</param>
/// <param name="Left">Left edge.</param>
/// <param name="Top">Upper edge.</param>
/// <param name="Right">Right edge.</param>
/// <param name="Bottom">Lower edge.</param>
public readonly record struct Box(int Label, float Score, float Left, float Top, float Right, float Bottom)
{
    /// <summary>Share of the image, 0 to 1.</summary>
    public float Area => Math.Max(0, Right - Left) * Math.Max(0, Bottom - Top);

    /// <summary>Intersection over union with another box, 0 to 1, whatever the labels.</summary>
    public float Iou(in Box other)
    {
        var width = Math.Min(Right, other.Right) - Math.Max(Left, other.Left);
        var height = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
        if (!(width > 0 && height > 0))
            return 0;

        var common = width * height;
        return common / (Area + other.Area - common);
    }
}
