namespace Sluice.Tls;

/// <summary>Kinds of keys.</summary>
public enum DevelopmentKey
{
    /// <summary>ECDSA on the curve P-256: small and fast.</summary>
    EcdsaP256,

    /// <summary>RSA of 2048 bits, for what knows nothing else.</summary>
    Rsa2048,
}
