using Sluice.Channels.Reading;

namespace Sluice.Channels.Writing;

/// <summary>
/// Moves bytes from a source to a sink past this process's memory: first it takes them off the source, then it gives them to the sink.
/// </summary>
internal interface ISplice : IExternalPayload
{
    /// <summary>The result of <see cref="TryReceive"/> if the system does not support it after all. Nothing was taken.</summary>
    const int Unsupported = -2;

    /// <summary>
    /// The result of <see cref="TryReceive"/> if only an ordinary receive can tell what is there: the end, an error, or bytes that a splice does
    /// not take. Nothing was taken.
    /// </summary>
    const int Unsure = -3;

    /// <summary>
    /// Takes bytes off the source. Only while nothing is left to be sent.
    /// </summary>
    /// <param name="most">The largest number of bytes to take.</param>
    /// <returns>
    /// The number of bytes, never 0, or <see cref="IByteSource.WouldBlock"/>, <see cref="Unsupported"/> or <see cref="Unsure"/>.
    /// </returns>
    /// <exception cref="IOException">The peer reset the connection, or the network failed.</exception>
    int TryReceive(long most);
}
