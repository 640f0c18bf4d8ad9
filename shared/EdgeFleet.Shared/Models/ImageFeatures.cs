namespace EdgeFleet.Shared.Models;

/// <summary>A feature of images.</summary>
/// <param name="Name">Name in references, profiles and drift.</param>
/// <param name="Floor">Least spread that counts for drift, in the feature's unit.</param>
/// <param name="IsOfStream">True when it compares with the picture before: meaningless for a set of photos, so that a package's reference has none of it.</param>
public readonly record struct ImageFeature(string Name, double Floor, bool IsOfStream = false);

/// <summary>The features of an image, in the order in which <see cref="ImageStatistics"/> gives them.</summary>
public static class ImageFeatures
{
    /// <summary>Mean of the red channel, 0 to 255.</summary>
    public const string Red = "red";

    /// <summary>Mean of the green channel, 0 to 255.</summary>
    public const string Green = "green";

    /// <summary>Mean of the blue channel, 0 to 255.</summary>
    public const string Blue = "blue";

    /// <summary>Mean luma (BT.601), 0 to 255.</summary>
    public const string Luma = "luma";

    /// <summary>RMS contrast: standard deviation of luma.</summary>
    public const string Contrast = "contrast";

    /// <summary>1 % of the pixels are darker than this luma.</summary>
    public const string LumaP1 = "luma-p1";

    /// <summary>5 % of the pixels are darker than this luma.</summary>
    public const string LumaP5 = "luma-p5";

    /// <summary>95 % of the pixels are darker than this luma.</summary>
    public const string LumaP95 = "luma-p95";

    /// <summary>99 % of the pixels are darker than this luma.</summary>
    public const string LumaP99 = "luma-p99";

    /// <summary>Share of pixels with a luma below 16.</summary>
    public const string Dark = "dark";

    /// <summary>Share of pixels with a luma of 240 and more.</summary>
    public const string Bright = "bright";

    /// <summary>Share of pixels with a channel at its upper end (254 and more).</summary>
    public const string Clipped = "clipped";

    /// <summary>Share of pixels with a colour: largest and least channel 40 or more apart.</summary>
    public const string Colour = "colour";

    /// <summary>Red against blue, <c>(R - B) / (R + G + B)</c>: does not change with the amount of light.</summary>
    public const string Warmth = "warmth";

    /// <summary>Green against the others, <c>(G - (R + B) / 2) / (R + G + B)</c>.</summary>
    public const string Tint = "tint";

    /// <summary>Doublings of the Laplacian's variance (of green) over the variance of luma: does not change with the amount of light, falls when the lens is out of focus or dirty.</summary>
    public const string Sharpness = "sharpness";

    /// <summary>Entropy of luma in 64 steps, bits: 0 for a plain picture, 6 at most.</summary>
    public const string Detail = "detail";

    /// <summary>Mean difference of luma from the picture before; 0 when the camera is frozen.</summary>
    public const string Motion = "motion";

    /// <summary>All of them, in order.</summary>
    public static IReadOnlyList<ImageFeature> All { get; } =
    [
        new(Red, 1), new(Green, 1), new(Blue, 1), new(Luma, 1), new(Contrast, 1),
        new(LumaP1, 1), new(LumaP5, 1), new(LumaP95, 1), new(LumaP99, 1),
        new(Dark, 0.01), new(Bright, 0.01), new(Clipped, 0.01), new(Colour, 0.01),
        new(Warmth, 0.005), new(Tint, 0.005), new(Sharpness, 0.05), new(Detail, 0.05), new(Motion, 0.2, IsOfStream: true),
    ];

    /// <summary>How many there are.</summary>
    public static int Count => All.Count;

    /// <summary>Place of a feature in the order; -1 for a name that is none.</summary>
    public static int IndexOf(string name)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i].Name == name)
                return i;
        }

        return -1;
    }
}
