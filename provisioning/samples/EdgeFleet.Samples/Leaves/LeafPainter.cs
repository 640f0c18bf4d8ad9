using EdgeFleet.Samples.Exact;

namespace EdgeFleet.Samples.Leaves;

/// <summary>Draws sample leaves: a green ground with veins and uneven light, and the symptom's spots on it. Nothing here is a photo.</summary>
internal static class LeafPainter
{
    /// <summary>Pixels on a side of a drawn leaf.</summary>
    public const int Size = 96;

    private static readonly Colour Orange = new(212, 134, 36);
    private static readonly Colour Tan = new(176, 138, 88);
    private static readonly Colour DarkBrown = new(96, 62, 34);
    private static readonly Colour Black = new(44, 32, 24);
    private static readonly Colour Grey = new(206, 198, 176);
    private static readonly Colour Yellow = new(196, 186, 64);
    private static readonly Colour Shine = new(226, 236, 222);

    /// <summary>The RGB pixels of one leaf; the same random stream gives the same leaf.</summary>
    public static byte[] Paint(LeafSymptom symptom, SeededRandom random)
    {
        var canvas = new LeafCanvas(Size, random);
        PaintGround(canvas, random);
        switch (symptom)
        {
            case LeafSymptom.Healthy: PaintShine(canvas, random); break;
            case LeafSymptom.Miner: PaintMines(canvas, random); break;
            case LeafSymptom.Rust: PaintRust(canvas, random); break;
            case LeafSymptom.Phoma: PaintPhoma(canvas, random); break;
            case LeafSymptom.Cercospora: PaintCercospora(canvas, random); break;
            default: throw new InvalidOperationException($"No drawing for {symptom}.");
        }

        PaintLight(canvas, random);
        return canvas.ToRgb();
    }

    private static void PaintGround(LeafCanvas canvas, SeededRandom random)
    {
        var green = new Colour(random.Between(48, 96), random.Between(108, 160), random.Between(36, 70));
        double angle = random.Unit(), cos = ExactMath.CosineOfTurns(angle), sin = ExactMath.SineOfTurns(angle);
        double offset = random.Between(-20, 20), spacing = random.Between(14, 24), mottle = random.Between(4, 12);
        canvas.Paint((x, y, _) =>
        {
            double u = ((x - 48) * cos) + ((y - 48) * sin) + offset, v = ((y - 48) * cos) - ((x - 48) * sin);
            var side = (v + (0.6 * Math.Abs(u))) / spacing;
            var nearVein = Math.Max(Fade(Math.Abs(u), 1.6, 1.6), 0.6 * Fade(Math.Abs(side - Math.Round(side)) * spacing, 0.8, 1.4));
            var ground = green.Times(1 + (mottle / 100 * canvas.Roughness(x, y)));
            return ground.Towards(new Colour(green.Red + 40, green.Green + 36, green.Blue + 24), nearVein);
        });
    }

    private static void PaintLight(LeafCanvas canvas, SeededRandom random)
    {
        double angle = random.Unit(), strength = random.Between(0, 0.22), level = random.Between(0.82, 1.15), grain = random.Between(2, 6);
        double cos = ExactMath.CosineOfTurns(angle) / 48, sin = ExactMath.SineOfTurns(angle) / 48;
        canvas.Paint((x, y, colour) =>
        {
            var lit = colour.Times(level + (strength * (((x - 48) * cos) + ((y - 48) * sin))));
            return new Colour(lit.Red + (grain * random.Bell()), lit.Green + (grain * random.Bell()), lit.Blue + (grain * random.Bell()));
        });
    }

    private static void PaintShine(LeafCanvas canvas, SeededRandom random)
    {
        for (var n = random.Whole(0, 2); n > 0; n--)
        {
            double x = random.Between(0, Size), y = random.Between(0, Size), radius = random.Between(6, 16), strength = random.Between(0.15, 0.4);
            canvas.PaintNear(x, y, radius * 2, 2, (d, colour) => colour.Towards(Shine, strength * Fade(d, radius * 0.3, radius)));
        }
    }

    private static void PaintRust(LeafCanvas canvas, SeededRandom random)
    {
        for (var n = random.Whole(4, 14); n > 0; n--)
        {
            double x = random.Between(4, 92), y = random.Between(4, 92), radius = random.Between(3, 8), strength = random.Between(0.7, 1);
            canvas.PaintNear(x, y, radius + 8, 1.6, (d, colour) => colour.Towards(Orange, strength * Fade(d, radius * 0.6, radius * 0.7)));
        }
    }

    private static void PaintMines(LeafCanvas canvas, SeededRandom random)
    {
        for (var n = random.Whole(1, 2); n > 0; n--)
        {
            double x = random.Between(20, 76), y = random.Between(20, 76), heading = random.Unit(), width = random.Between(3.5, 7);
            for (var step = random.Whole(10, 26); step > 0; step--)
            {
                canvas.PaintNear(x, y, width + 6, 1.8, (d, colour) =>
                    colour.Towards(DarkBrown, 0.35 * Fade(d, width, 1.6)).Towards(Tan, 0.9 * Fade(d, width - 1.4, 1.2)));
                heading += random.Between(-0.11, 0.11);
                x = Math.Clamp(x + (2.6 * ExactMath.CosineOfTurns(heading)), 0, Size);
                y = Math.Clamp(y + (2.6 * ExactMath.SineOfTurns(heading)), 0, Size);
            }
        }
    }

    private static void PaintPhoma(LeafCanvas canvas, SeededRandom random)
    {
        var alongX = random.Unit() < 0.5;
        double edge = random.Unit() < 0.5 ? random.Between(-4, 14) : random.Between(82, 100), along = random.Between(16, 80);
        double radius = random.Between(18, 36), strength = random.Between(0.8, 0.97);
        canvas.PaintNear(alongX ? along : edge, alongX ? edge : along, radius + 14, 5, (d, colour) =>
            colour.Towards(DarkBrown, 0.7 * Fade(d, radius, 3)).Towards(Black, strength * Fade(d, radius - 3, 3)));
    }

    private static void PaintCercospora(LeafCanvas canvas, SeededRandom random)
    {
        for (var n = random.Whole(2, 6); n > 0; n--)
        {
            double x = random.Between(8, 88), y = random.Between(8, 88), radius = random.Between(5, 10), strength = random.Between(0.75, 1);
            canvas.PaintNear(x, y, radius + 10, 1.2, (d, colour) => colour
                .Towards(Yellow, 0.5 * strength * Fade(d, radius + 1, 3))
                .Towards(DarkBrown, strength * Fade(d, radius * 0.85, 1.2))
                .Towards(Grey, strength * Fade(d, radius * 0.42, 1)));
        }
    }

    // 1 up to the solid distance, then down to 0 over the soft one.
    private static double Fade(double distance, double solid, double soft) => Math.Clamp(1 - ((distance - solid) / soft), 0, 1);
}
