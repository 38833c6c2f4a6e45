namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>Stands in code of the user's of every kind, and throws in one of its calls, or from that one on.</summary>
/// <param name="number">The number of that call, from 0.</param>
/// <param name="once">Whether the calls after it succeed.</param>
internal sealed class ThrowingCode(int number, bool once)
{
    private int _calls;
    private string? _threw;

    /// <summary>Gets which call threw first, and its stack; null if none has.</summary>
    public string? Threw => Volatile.Read(ref _threw);

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
}
