using System.Diagnostics.CodeAnalysis;

namespace Sluice.Options;

/// <summary>Names the public types in an <see cref="ObjectDisposedException"/> of a lower room, which cannot refer to the type.</summary>
internal static class TypeNames
{
    public const string StreamSocket = "Sluice.StreamSocket";
    public const string DatagramSocket = "Sluice.DatagramSocket";
    public const string ServerSocket = "Sluice.ServerSocket";
    public const string SelectorManager = "Sluice.SelectorManager";

    /// <summary>Throws if the object is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public static void ThrowIfDisposed([DoesNotReturnIf(true)] bool isDisposed, string typeName)
    {
#pragma warning disable CA1513 // ObjectDisposedException.ThrowIf needs the type, which is in a higher room.
        if (isDisposed)
        {
            throw new ObjectDisposedException(typeName);
        }
#pragma warning restore CA1513
    }
}
