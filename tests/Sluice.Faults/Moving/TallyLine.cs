using System.Globalization;

namespace Sluice.Faults.Moving;

/// <summary>Prints a tally for the parent process: the numbers in one line, and each fault, and the first failure of each kind, in a line of its own.</summary>
internal static class TallyLine
{
    public static void Print(Tally tally)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{tally.Bytes} {tally.Complete} {tally.Failed} {tally.Wrong} {tally.Hung} {string.Join(", ", tally.Failures.Select(failure => $"{failure.Key}: {failure.Value}"))}"));
        foreach (string fault in tally.Faults.Take(10).Concat(tally.FirstFailures.Values.Select(failure => $"{failure}")))
        {
            Console.WriteLine(fault.ReplaceLineEndings(" "));
        }
    }
}
