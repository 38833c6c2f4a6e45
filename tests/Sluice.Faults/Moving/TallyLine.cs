using System.Globalization;

namespace Sluice.Faults.Moving;

/// <summary>A tally as the child process prints it, in one line for each thing.</summary>
internal static class TallyLine
{
    public static void Print(Tally tally)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{tally.Bytes} {tally.Complete} {tally.Failed} {tally.Wrong} {tally.Hung} {string.Join(", ", tally.Failures.Select(failure => $"{failure.Key}: {failure.Value}"))}"));
        foreach (string fault in tally.Faults.Take(10))
        {
            Console.WriteLine(fault.ReplaceLineEndings(" "));
        }
    }
}
