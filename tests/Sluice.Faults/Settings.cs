using System.Globalization;

namespace Sluice.Faults;

/// <summary>What the command line asks for.</summary>
internal sealed record Settings
{
    public const string Usage = "Options: [--seconds N] [--connections N] [--seed N] [--fault PART-OF-NAME] [--engine epoll|portable] [--stops N]";

    /// <summary>How long bytes move in each network.</summary>
    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(4);

    public int Connections { get; private init; } = 16;

    public int Seed { get; private init; } = 1;

    /// <summary>Which networks: those whose names contain it.</summary>
    public string Fault { get; private init; } = "";

    /// <summary>How often a server is stopped under load, instead of the networks; 0 for the networks.</summary>
    public int Stops { get; private init; }

    public IReadOnlyList<SelectorEngine> Engines { get; private init; } = [SelectorEngine.Epoll, SelectorEngine.Portable];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It is not understood.</exception>
    public static Settings Parse(ReadOnlySpan<string> arguments)
    {
        var settings = new Settings();
        for (; arguments is [var name, ..]; arguments = arguments[2..])
        {
            settings = arguments switch
            {
                ["--seconds", var value, ..] => settings with { Duration = TimeSpan.FromSeconds(Number(value)) },
                ["--connections", var value, ..] => settings with { Connections = Number(value) },
                ["--seed", var value, ..] => settings with { Seed = Number(value) },
                ["--stops", var value, ..] => settings with { Stops = Number(value) },
                ["--fault", var value, ..] => settings with { Fault = value },
                ["--engine", var value, ..] => settings with { Engines = [Enum.Parse<SelectorEngine>(value, ignoreCase: true)] },
                _ => throw new FormatException($"'{name}' is not understood. {Usage}"),
            };
        }

        return settings;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
