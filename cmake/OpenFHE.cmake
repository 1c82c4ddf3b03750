# Finds OpenFHE and defines the interface target `openfhe_library`. Tried in this order, the choice is printed:
#   1. an installed OpenFHE (find_package; point OpenFHE_DIR at it),
#   2. the submodule native/third_party/openfhe, where it is checked out,
#   3. the folder native/third_party/prebuilt that scripts/fetch-openfhe.mjs fills.
# Sets OPENFHE_RUNTIME_LIBRARIES to the files that must lie beside the addon (prebuilt only; else empty) and
# OPENFHE_RUNTIME_PATH to a folder for the run path (installed and submodule).

get_filename_component(_openfhe_root ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
set(_openfhe_source ${_openfhe_root}/native/third_party/openfhe)
set(_openfhe_prebuilt ${_openfhe_root}/native/third_party/prebuilt)
set(OPENFHE_RUNTIME_LIBRARIES "")
set(OPENFHE_RUNTIME_PATH "")

find_package(OpenMP REQUIRED COMPONENTS CXX)
add_library(openfhe_library INTERFACE)
target_link_libraries(openfhe_library INTERFACE OpenMP::OpenMP_CXX)

set(_openfhe_asked_for ${OpenFHE_DIR})
find_package(OpenFHE CONFIG QUIET)
if(_openfhe_asked_for AND NOT OpenFHE_DIR STREQUAL _openfhe_asked_for)
  message(FATAL_ERROR "There is no installed OpenFHE in ${_openfhe_asked_for}: expected the folder of OpenFHEConfig.cmake")
endif()
if(OpenFHE_FOUND)
  if(BASE_OPENFHE_VERSION VERSION_LESS 1.4)
    message(FATAL_ERROR "OpenFHE >= 1.4 is needed, found ${BASE_OPENFHE_VERSION} in ${OpenFHE_DIR}")
  endif()
  message(STATUS "OpenFHE ${BASE_OPENFHE_VERSION}: installed, ${OpenFHE_DIR}")
  set(_openfhe_version ${BASE_OPENFHE_VERSION})
  target_include_directories(openfhe_library SYSTEM INTERFACE
    ${OpenFHE_INCLUDE} ${OpenFHE_INCLUDE}/third-party/include ${OpenFHE_INCLUDE}/core ${OpenFHE_INCLUDE}/pke ${OpenFHE_INCLUDE}/binfhe)
  target_link_directories(openfhe_library INTERFACE ${OpenFHE_LIBDIR})
  target_link_libraries(openfhe_library INTERFACE ${OpenFHE_SHARED_LIBRARIES})
  set(OPENFHE_RUNTIME_PATH ${OpenFHE_LIBDIR})
elseif(EXISTS ${_openfhe_source}/CMakeLists.txt)
  message(STATUS "OpenFHE: submodule, ${_openfhe_source}")
  if(NOT EXISTS ${_openfhe_source}/third-party/cereal/include)
    message(FATAL_ERROR "The submodule openfhe lacks its own submodule third-party/cereal: run "
      "`git -C native/third_party/openfhe submodule update --init third-party/cereal`")
  endif()
  foreach(_option BUILD_UNITTESTS BUILD_EXAMPLES BUILD_BENCHMARKS BUILD_EXTRAS WITH_NATIVEOPT GIT_SUBMOD_AUTO)
    set(${_option} OFF CACHE BOOL "" FORCE)
  endforeach()
  set(WITH_OPENMP ON CACHE BOOL "" FORCE)
  set(_openfhe_binary ${CMAKE_BINARY_DIR}/openfhe)
  add_subdirectory(${_openfhe_source} ${_openfhe_binary} EXCLUDE_FROM_ALL)
  file(STRINGS ${_openfhe_source}/CMakeLists.txt _openfhe_lines REGEX "^set\\(OPENFHE_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX MATCHALL "[0-9]+" _openfhe_numbers "${_openfhe_lines}")
  list(JOIN _openfhe_numbers "." _openfhe_version)
  # Its targets carry no include directories when it is used this way.
  target_include_directories(openfhe_library SYSTEM INTERFACE
    ${_openfhe_source}/src/core/include ${_openfhe_source}/src/pke/include ${_openfhe_source}/src/binfhe/include
    ${_openfhe_source}/third-party/cereal/include ${_openfhe_binary}/src/core)
  target_link_libraries(openfhe_library INTERFACE OPENFHEpke OPENFHEbinfhe OPENFHEcore)
  set(OPENFHE_RUNTIME_PATH ${_openfhe_binary}/lib ${CMAKE_BINARY_DIR}/lib)
elseif(EXISTS ${_openfhe_prebuilt}/VERSION)
  file(STRINGS ${_openfhe_prebuilt}/VERSION _openfhe_version LIMIT_COUNT 1)
  message(STATUS "OpenFHE ${_openfhe_version}: prebuilt, ${_openfhe_prebuilt}")
  set(_openfhe_include ${_openfhe_prebuilt}/include)
  # The folder with config_core.h comes first: the headers include it by name.
  target_include_directories(openfhe_library SYSTEM INTERFACE
    ${_openfhe_root}/native/addon/openfhe/prebuilt
    ${_openfhe_include}/core ${_openfhe_include}/pke ${_openfhe_include}/binfhe ${_openfhe_include}/cereal)
  foreach(_library pke binfhe core)
    target_link_libraries(openfhe_library INTERFACE ${_openfhe_prebuilt}/lib/libOPENFHE${_library}.so)
    list(APPEND OPENFHE_RUNTIME_LIBRARIES ${_openfhe_prebuilt}/lib/libOPENFHE${_library}.so.1)
  endforeach()
else()
  message(FATAL_ERROR "OpenFHE is missing. Fetch the prebuilt libraries (Linux x64) with\n"
    "  resnet20-fhe build openfhe --prebuilt\n"
    "or name an installed one with --openfhe-dir, or check out the submodule native/third_party/openfhe.")
endif()

# Without the first, the headers' thread controls do nothing; without the second, GetOPENFHEVersion() is wrong.
target_compile_definitions(openfhe_library INTERFACE PARALLEL BASE_OPENFHE_VERSION=${_openfhe_version})
