using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Output;

namespace Sluice.Cli;

/// <summary>Options that several commands share, and checks that several options share.</summary>
internal static class CommonOptions
{
    public static Option<SelectorEngine> Engine() => OneOf<SelectorEngine>(
        "--engine", "Engine that runs the sockets (default: auto).", "engine", SelectorEngine.Auto, SelectorEngine.Epoll, SelectorEngine.Portable);

    /// <summary>Creates an option whose value is a number of at least 1.</summary>
    public static Option<int?> Positive(string name, string description, string unit, int most = int.MaxValue) => Parsed<int?>(
        name,
        description,
        unit,
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1 && value <= most ? value : null,
        $"a number from 1 to {most}");

    /// <summary>Creates an option whose value is a time, in seconds if it has no unit, as every time of the command is.</summary>
    public static Option<double?> Seconds(string name, string description, double most) => Parsed<double?>(
        name,
        description,
        "TIME",
        text => Quantity.Time(text) is { Ticks: > 0 } time && time.TotalSeconds <= most ? time.TotalSeconds : null,
        string.Create(CultureInfo.InvariantCulture, $"a time of more than 0 and at most {most} seconds, such as 5, 1.5s or 200ms"));

    /// <summary>Creates an option whose value has a form of its own.</summary>
    /// <param name="name">The name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="unit">What the help calls the value.</param>
    /// <param name="parse">Parses the value; returns null if it does not have the form.</param>
    /// <param name="form">The form, for the error.</param>
    public static Option<T> Parsed<T>(string name, string description, string unit, Func<string, T?> parse, string form) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (parse(text) is { } value)
            {
                return value;
            }

            result.AddError($"{name} is {form}, not '{text}'.");
            return default;
        },
    };

    /// <summary>Creates an option whose value is the path of a file.</summary>
    public static Option<string?> File(string name, string description) => Parsed<string?>(
        name, description, "FILE", text => text.Length > 0 ? text : null, "the path of a file");

    /// <summary>Makes it an error to give no path for an argument: that of a variable of the shell that is not set.</summary>
    public static void NeedPath(Argument argument) => argument.Validators.Add(result =>
    {
        if (result.Tokens.Any(token => token.Value.Length == 0))
        {
            result.AddError($"{argument.Name} is a path, not ''.");
        }
    });

    /// <summary>Makes <paramref name="option"/> an error without <paramref name="needed"/>.</summary>
    public static void Need(Command command, Option option, Option needed) => command.Validators.Add(result =>
    {
        if (result.GetResult(option) is { Implicit: false } && result.GetResult(needed) is not { Implicit: false })
        {
            result.AddError($"{option.Name} needs {needed.Name}.");
        }
    });

    /// <summary>Makes it an error to give more than one of <paramref name="options"/>.</summary>
    public static void Exclude(Command command, params Option[] options) => command.Validators.Add(result =>
    {
        string[] given = [.. options.Where(option => result.GetResult(option) is { Implicit: false }).Select(option => option.Name)];
        if (given.Length > 1)
        {
            result.AddError($"{given[0]} and {given[1]} exclude each other.");
        }
    });

    /// <summary>Creates an option whose value is one of the members of an enumeration; of all, if none are named.</summary>
    public static Option<T> OneOf<T>(string name, string description, string what, params T[] members)
        where T : struct, Enum
    {
        string[] names = [.. (members.Length > 0 ? members : Enum.GetValues<T>()).Select(member => $"{member}".ToLowerInvariant())];
        return new(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (names.Contains(text, StringComparer.OrdinalIgnoreCase))
                {
                    return Enum.Parse<T>(text, ignoreCase: true);
                }

                result.AddError($"There is no {what} '{text}'; use {string.Join(", ", names[..^1])} or {names[^1]}.");
                return default;
            },
        };
    }

    /// <summary>Gets the time of a number of seconds.</summary>
    public static TimeSpan? Time(double? seconds) => seconds is { } number ? TimeSpan.FromSeconds(number) : null;
}
