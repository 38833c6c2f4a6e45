using System.Diagnostics.CodeAnalysis;

namespace Sluice.Options;

/// <summary>The public types that an <see cref="ObjectDisposedException"/> names where the floor below throws it.</summary>
internal static class TypeNames
{
    public const string StreamSocket = "Sluice.StreamSocket";
    public const string DatagramSocket = "Sluice.DatagramSocket";
    public const string ServerSocket = "Sluice.ServerSocket";
    public const string SelectorManager = "Sluice.SelectorManager";

    /// <summary>Throws if the object is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is.</exception>
    public static void ThrowIfDisposed([DoesNotReturnIf(true)] bool isDisposed, string typeName)
    {
#pragma warning disable CA1513 // The framework's own wants the type, which stands on a floor above.
        if (isDisposed)
        {
            throw new ObjectDisposedException(typeName);
        }
#pragma warning restore CA1513
    }
}
