using System.Globalization;

namespace Sluice.Stress;

/// <summary>What the command line asks for.</summary>
internal sealed record Settings
{
    public const string Usage = "Options: [--seconds N | --minutes N] [--rounds N] [--seed N] [--race PART-OF-NAME] [--trace]";

    /// <summary>How long all races take together; at least <see cref="MinRounds"/> each.</summary>
    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(45);

    public int MinRounds { get; private init; } = 10;

    public int Seed { get; private init; } = 1;

    /// <summary>Which races run: those whose names contain it.</summary>
    public string Race { get; private init; } = "";

    /// <summary>Whether a block of memory remembers where it was rented and returned.</summary>
    public bool Traces { get; private init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It is not understood.</exception>
    public static Settings Parse(ReadOnlySpan<string> arguments)
    {
        var settings = new Settings();
        while (arguments is [var name, ..])
        {
            (settings, int used) = arguments switch
            {
                ["--seconds", var value, ..] => (settings with { Duration = TimeSpan.FromSeconds(Number(value)) }, 2),
                ["--minutes", var value, ..] => (settings with { Duration = TimeSpan.FromMinutes(Number(value)) }, 2),
                ["--rounds", var value, ..] => (settings with { MinRounds = Number(value) }, 2),
                ["--seed", var value, ..] => (settings with { Seed = Number(value) }, 2),
                ["--race", var value, ..] => (settings with { Race = value }, 2),
                ["--trace", ..] => (settings with { Traces = true }, 1),
                _ => throw new FormatException($"'{name}' is not understood. {Usage}"),
            };
            arguments = arguments[used..];
        }

        return settings;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
