namespace Sluice.Stress.Kit;

/// <summary>Counts what has passed and what has failed, and prints it: the gate reads the last line.</summary>
internal sealed class Score
{
    private int _failed;

    public int Passed { get; private set; }

    /// <summary>Prints a result and counts it.</summary>
    public void Report(bool isGood, string text)
    {
        Console.WriteLine($"{(isGood ? "ok  " : "FAIL")} {text}");
        if (isGood)
        {
            Passed++;
        }
        else
        {
            _failed++;
        }
    }

    /// <summary>Prints the sums.</summary>
    /// <returns>The exit code of the program.</returns>
    public int End()
    {
        Console.WriteLine($"{Passed} passed, {_failed} failed");
        return _failed == 0 ? 0 : 1;
    }
}
