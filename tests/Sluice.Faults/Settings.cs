using System.Globalization;

namespace Sluice.Faults;

/// <summary>What the command line asks for.</summary>
internal sealed record Settings
{
    public const string Usage = "Options: [--stops N | --soak MINUTES | --leaks CONNECTIONS | --memory PEERS | --attack | --overload] "
        + "[--seconds N] [--connections N] [--seed N] [--fault PART-OF-NAME] [--engine epoll|portable]";

    public CampaignKind Kind { get; private init; }

    /// <summary>How many stops, minutes, connections or peers there are.</summary>
    public int Count { get; private init; }

    /// <summary>How long bytes move in each network, or how long a measurement is; null for what the campaign finds right.</summary>
    public TimeSpan? Duration { get; private init; }

    public int Connections { get; private init; } = 16;

    public int Seed { get; private init; } = 1;

    /// <summary>Which networks, endings or attacks: those whose names contain it.</summary>
    public string Fault { get; private init; } = "";

    public IReadOnlyList<SelectorEngine> Engines { get; private init; } = [SelectorEngine.Epoll, SelectorEngine.Portable];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It is not understood.</exception>
    public static Settings Parse(ReadOnlySpan<string> arguments)
    {
        var settings = new Settings();
        while (arguments is [var name, ..])
        {
            (settings, int used) = arguments switch
            {
                ["--stops", var value, ..] => (settings.With(CampaignKind.Stops, value), 2),
                ["--soak", var value, ..] => (settings.With(CampaignKind.Soak, value), 2),
                ["--leaks", var value, ..] => (settings.With(CampaignKind.Leaks, value), 2),
                ["--memory", var value, ..] => (settings.With(CampaignKind.Memory, value), 2),
                ["--attack", ..] => (settings with { Kind = CampaignKind.Attack }, 1),
                ["--overload", ..] => (settings with { Kind = CampaignKind.Overload }, 1),
                ["--seconds", var value, ..] => (settings with { Duration = TimeSpan.FromSeconds(Number(value)) }, 2),
                ["--connections", var value, ..] => (settings with { Connections = Number(value) }, 2),
                ["--seed", var value, ..] => (settings with { Seed = Number(value) }, 2),
                ["--fault", var value, ..] => (settings with { Fault = value }, 2),
                ["--engine", var value, ..] => (settings with { Engines = [Enum.Parse<SelectorEngine>(value, ignoreCase: true)] }, 2),
                _ => throw new FormatException($"'{name}' is not understood. {Usage}"),
            };
            arguments = arguments[used..];
        }

        return settings;
    }

    private Settings With(CampaignKind kind, string count) => this with { Kind = kind, Count = Number(count) };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
