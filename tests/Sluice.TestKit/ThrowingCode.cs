namespace Sluice.TestKit;

/// <summary>Stands in for code of the user's of every kind, and throws in one of its calls, or from that one on.</summary>
/// <param name="number">The number of that call, from 0.</param>
/// <param name="once">Whether the calls after it succeed.</param>
internal sealed class ThrowingCode(int number, bool once)
{
    private int _calls;
    private string? _threw;

    /// <summary>Gets which call threw first, and its stack; null if none has.</summary>
    public string? Threw => Volatile.Read(ref _threw);

    /// <summary>Gets a value indicating whether no call throws from now on.</summary>
    public bool IsDone => once && Threw is not null;

    /// <exception cref="NotSupportedException">It is that call.</exception>
    public void Enter(string kind)
    {
        int call = Interlocked.Increment(ref _calls) - 1;
        if (call == number || (!once && call > number))
        {
            Interlocked.CompareExchange(ref _threw, $"{kind}: {Environment.StackTrace}", null);
            throw new NotSupportedException(kind);
        }
    }

    /// <summary>Runs a scenario over and over, in each run with the next of its calls as the one that throws, until none is left.</summary>
    /// <param name="once">Whether the calls after it succeed.</param>
    /// <param name="scenario">Asserts what has to be so whichever call throws.</param>
    /// <returns>The number of calls.</returns>
    public static async Task<int> ThrowInEachCallAsync(bool once, Func<ThrowingCode, Task> scenario)
    {
        for (int number = 0; ; number++)
        {
            var code = new ThrowingCode(number, once);
            try
            {
                await scenario(code);
            }
            catch (Exception exception)
            {
                throw new AssertionException($"Call {number} threw. {code.Threw}", exception);
            }

            if (code.Threw is null)
            {
                return number;
            }
        }
    }
}
