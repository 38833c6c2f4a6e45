using System.Globalization;
using Sluice.Cli.Output;

namespace Sluice.Cli.Check;

/// <summary>Prints the steps of a check, and its end.</summary>
internal sealed class CheckOutput(bool json)
{
    private const int NameWidth = 12;

    /// <summary>Prints a step.</summary>
    /// <param name="name">The name of the step.</param>
    /// <param name="text">What was seen.</param>
    /// <param name="ok">Whether that is what it should be.</param>
    /// <param name="elapsed">How long the step took; null if that says nothing.</param>
    /// <param name="address">The address that the step was about; null if it was about none.</param>
    public void Step(string name, string text, bool ok, TimeSpan? elapsed = null, string? address = null)
    {
        string about = address is null ? string.Empty : $"{address}: ";
        if (json)
        {
            Console.WriteLine(JsonLine.Of(("step", name), ("ok", ok), ("address", address), ("text", text), ("milliseconds", elapsed?.TotalMilliseconds)));
            return;
        }

        WrappedText.WriteLine(name.PadRight(NameWidth), $"{about}{text}{(elapsed is { } time ? $", {Quantity.Milliseconds(time)}" : "")}");
    }

    public int End(Verdict verdict)
    {
        bool ok = verdict.Fault == Fault.None;
        if (json)
        {
            Console.WriteLine(JsonLine.Of(("step", "end"), ("ok", ok), ("fault", ok ? null : NameOf(verdict.Fault)), ("text", verdict.Text)));
        }
        else
        {
            Console.WriteLine();
            WrappedText.WriteLine(verdict.Text);
        }

        return ok ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static string NameOf(Fault fault) => fault == Fault.NeedsTls ? "needs tls" : fault.ToString().ToLower(CultureInfo.InvariantCulture);
}
