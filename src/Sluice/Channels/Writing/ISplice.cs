using Sluice.Channels.Reading;

namespace Sluice.Channels.Writing;

/// <summary>A way for bytes from a source to a sink that does not lead through our memory: they are taken off the one, then given to the other.</summary>
internal interface ISplice : IExternalPayload
{
    /// <summary>What <see cref="TryReceive"/> returns when the system cannot do it after all. Nothing was taken.</summary>
    const int Unsupported = -2;

    /// <summary>
    /// What <see cref="TryReceive"/> returns when an ordinary receive has to say what is there: the end, an error, or bytes that this way
    /// does not take. Nothing was taken.
    /// </summary>
    const int Unsure = -3;

    /// <summary>
    /// Takes bytes off the source: how many, <see cref="IByteSource.WouldBlock"/>, <see cref="Unsupported"/> or <see cref="Unsure"/>. Never 0.
    /// Only while nothing is left to be sent.
    /// </summary>
    /// <param name="most">How many bytes to take at most.</param>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    int TryReceive(long most);
}
