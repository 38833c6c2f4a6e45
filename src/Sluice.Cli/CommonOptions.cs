using System.CommandLine;
using System.Globalization;

namespace Sluice.Cli;

/// <summary>Options that several commands share, and checks that several options share.</summary>
internal static class CommonOptions
{
    public static Option<SelectorEngine> Engine() => new("--engine")
    {
        Description = "Engine that runs the sockets (default: auto).",
        HelpName = "auto|epoll|portable",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Enum.TryParse(text, ignoreCase: true, out SelectorEngine engine) && !char.IsAsciiDigit(text[0]))
            {
                return engine;
            }

            result.AddError($"There is no engine '{text}'; use auto, epoll or portable.");
            return default;
        },
    };

    /// <summary>Creates an option whose value is a number of at least 1.</summary>
    public static Option<int?> Positive(string name, string description, string unit, int most = int.MaxValue) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1 && value <= most)
            {
                return value;
            }

            result.AddError($"{name} is a number from 1 to {most}, not '{text}'.");
            return null;
        },
    };

    /// <summary>Creates an option whose value is a positive number of seconds.</summary>
    public static Option<double?> Seconds(string name, string description, double most) => new(name)
    {
        Description = description,
        HelpName = "SECONDS",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value > 0 && value <= most)
            {
                return value;
            }

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is a number of seconds, more than 0 and at most {most}, not '{text}'."));
            return null;
        },
    };

    /// <summary>Creates an option whose value is the path of a file.</summary>
    public static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    /// <summary>Makes <paramref name="option"/> an error without <paramref name="needed"/>.</summary>
    public static void Need(Command command, Option option, Option needed) => command.Validators.Add(result =>
    {
        if (result.GetResult(option) is { Implicit: false } && result.GetResult(needed) is not { Implicit: false })
        {
            result.AddError($"{option.Name} needs {needed.Name}.");
        }
    });
}
