using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Sluice.Faults.Moving;

/// <summary>Counts how connections ended.</summary>
internal sealed class Tally
{
    public long Bytes;
    public int Complete;
    public int Failed;
    public int Wrong;
    public int Hung;

    /// <summary>Gets the first few faults.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Gets how connections failed, and how often.</summary>
    public ConcurrentDictionary<string, int> Failures { get; } = new();

    /// <summary>Gets the first failure of each kind.</summary>
    public ConcurrentDictionary<string, Exception> FirstFailures { get; } = new();

    public void AddWrong(string fault)
    {
        Interlocked.Increment(ref Wrong);
        Faults.Enqueue(fault);
    }

    public void AddFailure(Exception failure)
    {
        Interlocked.Increment(ref Failed);
        string what = (failure as SocketException ?? failure.InnerException as SocketException)?.SocketErrorCode.ToString() ?? failure.GetType().Name;
        Failures.AddOrUpdate(what, 1, (_, count) => count + 1);
        FirstFailures.TryAdd(what, failure);
    }
}
