using System.Runtime.CompilerServices;

namespace Sluice.Scheduling;

/// <summary>Represents an asynchronous method that waits. One delegate continues all of them: a delegate of its own would cost each method that waits 64 bytes.</summary>
internal abstract class SuspendedMethod
{
    /// <summary>Continues the method that it is given.</summary>
    public static Action<object?> Continuation { get; } = static method => Unsafe.As<SuspendedMethod>(method!).Continue();

    /// <summary>Runs the method until its next wait, or its end.</summary>
    protected abstract void Continue();
}
