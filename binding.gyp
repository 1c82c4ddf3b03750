# For tools that look for this file: hands over to the CMake build (build/Release/ckks.node).
# npm does not run it ("gypfile": false): installing needs no compiler; `resnet20-fhe build` compiles.
{
  "targets": [
    {
      "target_name": "ckks",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake_build",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["build/Release/ckks.node"],
          "action": ["node", "bin/resnet20-fhe.js", "build", "ckks"]
        }
      ]
    }
  ]
}
