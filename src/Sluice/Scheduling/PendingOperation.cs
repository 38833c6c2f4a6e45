using System.Runtime.CompilerServices;

namespace Sluice.Scheduling;

/// <summary>
/// An asynchronous call of the framework whose result is taken in two steps: one caller begins it, and the same or a later caller takes the
/// result. A caller that gives up leaves the call under way. Allocates nothing, and is a field of its owner, never copied.
/// </summary>
/// <remarks>
/// One word, <see cref="_state"/>, says who may touch the rest: the thread that begins the call, and later the thread that has claimed its
/// result, until <see cref="Release"/>. The awaiter is never asked whether it is complete: it may be before it calls
/// back, and a source that is used again by then would call back for the earlier call and never for the later one.
/// </remarks>
internal struct PendingOperation<T>
{
    private const int Idle = 0;
    private const int Pending = 1;
    private const int Completed = 2;
    private const int Claimed = 3;

    private int _state;
    private ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter _awaiter;

    /// <summary>Whether no call is under way, and no result is left to be taken.</summary>
    public bool IsIdle => Volatile.Read(ref _state) == Idle;

    /// <summary>Whether a call is under way.</summary>
    public bool IsPending => Volatile.Read(ref _state) == Pending;

    /// <summary>
    /// Gets the right to begin a call, where several threads may try to: <see cref="TryBegin"/> or <see cref="Release"/> has to follow.
    /// </summary>
    public bool TryReserve() => Volatile.Read(ref _state) == Idle && Interlocked.CompareExchange(ref _state, Pending, Idle) == Idle;

    /// <summary>Begins a call.</summary>
    /// <param name="operation">The call.</param>
    /// <param name="onCompleted">Called when it ends, unless it has ended already. Has to call <see cref="Complete"/>, or to take the result.</param>
    /// <returns>Whether it has ended already. The caller has then claimed its result.</returns>
    public bool TryBegin(ValueTask<T> operation, Action onCompleted)
    {
        _awaiter = operation.ConfigureAwait(false).GetAwaiter();
        if (_awaiter.IsCompleted)
        {
            Volatile.Write(ref _state, Claimed);
            return true;
        }

        Volatile.Write(ref _state, Pending);
        _awaiter.UnsafeOnCompleted(onCompleted);
        return false;
    }

    /// <summary>Leaves the result to the next caller of <see cref="TryClaim"/>.</summary>
    public void Complete() => Volatile.Write(ref _state, Completed);

    /// <summary>
    /// Claims a result that no caller has claimed yet: <see cref="TakeResult"/> has to follow, or <see cref="GetResult"/> and <see cref="Release"/>.
    /// </summary>
    public bool TryClaim() => Volatile.Read(ref _state) == Completed && Interlocked.CompareExchange(ref _state, Claimed, Completed) == Completed;

    /// <summary>Gets the result, once, or throws what the call has failed with.</summary>
#pragma warning disable RS0030 // The call has ended: this waits for nothing.
    public T GetResult() => _awaiter.GetResult();
#pragma warning restore RS0030

    /// <summary>Allows the next call to begin.</summary>
    public void Release()
    {
        _awaiter = default;
        Volatile.Write(ref _state, Idle);
    }

    /// <inheritdoc cref="GetResult"/>
    public T TakeResult()
    {
        try
        {
            return GetResult();
        }
        finally
        {
            Release();
        }
    }
}
