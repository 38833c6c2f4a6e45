using System.CommandLine;
using System.Globalization;

namespace Sluice.Cli;

/// <summary>Options that several commands have, and checks that several options have.</summary>
internal static class CommonOptions
{
    public static Option<SelectorEngine> Engine() => new("--engine")
    {
        Description = "What drives the sockets; auto unless given.",
        HelpName = "auto|epoll|portable",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Enum.TryParse(text, ignoreCase: true, out SelectorEngine engine) && !char.IsAsciiDigit(text[0]))
            {
                return engine;
            }

            result.AddError($"There is no engine '{text}': it is auto, epoll or portable.");
            return default;
        },
    };

    /// <summary>An option whose value is a number from 1 on.</summary>
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

    /// <summary>An option whose value is a time, in seconds, more than nothing.</summary>
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

    /// <summary>An option whose value is the path of a file.</summary>
    public static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    /// <summary>One option makes no sense without another.</summary>
    public static void Need(Command command, Option option, Option needed) => command.Validators.Add(result =>
    {
        if (result.GetResult(option) is { Implicit: false } && result.GetResult(needed) is not { Implicit: false })
        {
            result.AddError($"{option.Name} needs {needed.Name}.");
        }
    });
}
