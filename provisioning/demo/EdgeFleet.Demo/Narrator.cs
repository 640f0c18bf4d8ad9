namespace EdgeFleet.Demo;

/// <summary>Tells the story on the terminal: chapters, the commands that a person would type, and what they printed.</summary>
internal static class Narrator
{
    private static int s_chapter;

    /// <summary>Begins a chapter.</summary>
    public static void Chapter(string title)
    {
        Console.WriteLine();
        Console.WriteLine($"{++s_chapter}. {title}");
    }

    /// <summary>A sentence.</summary>
    public static void Say(string text) => Console.WriteLine("   " + text);

    /// <summary>A command as a person would type it.</summary>
    public static void Typed(string command) => Console.WriteLine("   $ " + command);

    /// <summary>What a program printed.</summary>
    public static void Printed(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Console.WriteLine("   | " + line.TrimEnd());
    }
}
